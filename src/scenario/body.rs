//! What a scenario file says beside its header: the part that knows networks and protocols.

use crate::observe::record::MetricDef;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A rule across several keys that is broken: the dotted path of the key to point at, what is wrong,
/// what would be right (may be empty).
pub type Complaint = (String, String, String);

/// The settings of one run: the keys of a scenario file that the header does not take.
///
/// The shape (keys, types, units, ranges) is checked against the type's schema before a value is
/// made; [`Body::validate`] has what no single key can tell.
pub trait Body: Serialize + DeserializeOwned + JsonSchema + Clone {
    /// Checks the rules across keys.
    fn validate(&self, problems: &mut Vec<Complaint>);

    /// What is measured, what the protocol family measures first: what expectations and charts may name.
    fn metrics(&self) -> Vec<MetricDef>;

    /// The names of the curves over time that a run records.
    fn series(&self) -> Vec<&'static str>;

    /// The names of the single measurements that a run records.
    fn samples(&self) -> Vec<&'static str>;
}
