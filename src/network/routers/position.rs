//! Where a router is, and how long light takes to another.

use crate::math::{asin, cos, sin};
use crate::time::Duration;
use std::f64::consts::PI;

/// The earth's mean radius, in km (IUGG, R1).
const EARTH_KM: f64 = 6371.0088;
/// Light in fibre: two thirds of that in vacuum, in km/s.
const FIBRE_KM_S: f64 = 299_792.458 * 2.0 / 3.0;

/// Where a router is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Position {
    /// On the earth, in degrees.
    Earth {
        /// Degrees north, from -90 to 90.
        latitude: f64,
        /// Degrees east, from -180 to 180.
        longitude: f64,
    },
    /// In a plane of no unit of its own.
    Plane {
        /// To the right.
        x: f64,
        /// Up.
        y: f64,
    },
}

impl Position {
    /// The one-way delay to another place over a straight fibre: the great circle at two thirds of
    /// the speed of light in vacuum (the usual bound for paths of known places, as in Topology Zoo
    /// studies; Knight et al., IEEE JSAC 29, 2011, give the places). In a plane the distance times
    /// `scale`; nothing without one, or between an earth and a plane.
    pub fn delay(self, other: Self, scale: Option<Duration>) -> Option<Duration> {
        match (self, other) {
            (Self::Earth { .. }, Self::Earth { .. }) => {
                Some(Duration::from_secs_f64(self.km(other)? / FIBRE_KM_S))
            }
            (Self::Plane { x, y }, Self::Plane { x: u, y: v }) => {
                let distance = ((x - u) * (x - u) + (y - v) * (y - v)).sqrt();
                Some(Duration::from_secs_f64(distance * scale?.as_secs_f64()))
            }
            _ => None,
        }
    }

    /// The great-circle distance in km, by the haversine formula; nothing for places in a plane.
    pub fn km(self, other: Self) -> Option<f64> {
        let (
            Self::Earth {
                latitude,
                longitude,
            },
            Self::Earth {
                latitude: other_latitude,
                longitude: other_longitude,
            },
        ) = (self, other)
        else {
            return None;
        };
        let radians = |degrees: f64| degrees / 180.0 * PI;
        let half = |a: f64, b: f64| sin(radians(b - a) / 2.0);
        let (up, right) = (
            half(latitude, other_latitude),
            half(longitude, other_longitude),
        );
        let cosines = cos(radians(latitude)) * cos(radians(other_latitude));
        let chord = up * up + cosines * right * right;
        Some(2.0 * EARTH_KM * asin(chord.sqrt().min(1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earth(latitude: f64, longitude: f64) -> Position {
        Position::Earth {
            latitude,
            longitude,
        }
    }

    #[test]
    fn a_quarter_of_a_meridian_takes_fifty_milliseconds() {
        let quarter = EARTH_KM * PI / 2.0;
        let km = earth(0.0, 17.0).km(earth(90.0, 99.0)).expect("two places");
        assert!((km - quarter).abs() < 1e-6, "{km}");
        let delay = earth(0.0, 0.0)
            .delay(earth(0.0, 90.0), None)
            .expect("a delay");
        assert!((delay.as_millis_f64() - 50.072).abs() < 0.001, "{delay}");
        let half = earth(0.0, 0.0).km(earth(0.0, 180.0)).expect("two places");
        assert!((half - 2.0 * quarter).abs() < 1e-6, "{half}");
    }

    #[test]
    fn a_plane_needs_a_scale() {
        let plane = |x, y| Position::Plane { x, y };
        let scale = Some(Duration::from_micros(10));
        let delay = plane(0.0, 0.0).delay(plane(3.0, 4.0), scale);
        assert_eq!(delay, Some(Duration::from_micros(50)));
        assert_eq!(plane(0.0, 0.0).delay(plane(3.0, 4.0), None), None);
        assert_eq!(plane(0.0, 0.0).delay(earth(0.0, 0.0), scale), None);
    }
}
