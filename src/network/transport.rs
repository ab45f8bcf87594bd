//! `[transport]` in a scenario: when connections give up, and what they cost.

use crate::network::config::{Problem, problem};
use crate::network::tcp::TcpConfig;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[transport]`: connections: when they give up, and what they cost beyond the round trip of their
/// set-up.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TransportConfig {
    /// How long a peer waits for an answer to its attempt to connect. Default 5 s (Bitcoin Core's
    /// `nConnectTimeout`). An answer that is merely slow is taken even later.
    #[serde(default = "five_seconds")]
    pub connect_timeout: Duration,
    /// How long a connection over a cut path lasts after something was sent on it. Default 20 s; real
    /// stacks take from seconds (keep-alives of applications) to 15 minutes (Linux, `tcp_retries2`).
    #[serde(default = "twenty_seconds")]
    pub give_up_after: Duration,
    /// After so long a time with nothing to send, each end of a connection asks whether the other is
    /// there (TCP keep-alive, RFC 1122, section 4.2.3.6), so that a cut path is noticed without data.
    /// Costs 80 bytes, headers of question and answer. Left out: nobody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_alive: Option<Duration>,
    /// Slow start, windows and loss as TCP has them. Left out: connections are ideal, and only
    /// latency and links count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpConfig>,
}

const fn five_seconds() -> Duration {
    Duration::from_secs(5)
}
const fn twenty_seconds() -> Duration {
    Duration::from_secs(20)
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: five_seconds(),
            give_up_after: twenty_seconds(),
            keep_alive: None,
            tcp: None,
        }
    }
}

impl TransportConfig {
    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        for (key, span) in [
            ("connect_timeout", Some(self.connect_timeout)),
            ("give_up_after", Some(self.give_up_after)),
            ("keep_alive", self.keep_alive),
        ] {
            if span.is_some_and(Duration::is_zero) {
                problem(problems, key, "no time at all", "such as \"20 s\"");
            }
        }
        if let Some(tcp) = &self.tcp {
            tcp.validate(problems);
        }
    }

    /// A few words for results.
    pub fn about(&self) -> String {
        let mut parts = vec![match &self.tcp {
            None => "ideal connections".to_owned(),
            Some(tcp) => tcp.about(),
        }];
        if let Some(keep_alive) = self.keep_alive {
            parts.push(format!("keep-alive after {keep_alive}"));
        }
        parts.join(", ")
    }
}
