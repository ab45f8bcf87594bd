//! Published sessions against what their sources say.

use super::judge::{Claim, Row};
use crate::churn::PublishedSessions;
use crate::time::Duration;

/// Each law's mean or quantiles within 1 % of its source's.
pub(super) fn rows(_quick: bool) -> Vec<Row> {
    let beyond =
        |sessions: PublishedSessions, hours| sessions.life().survival(Duration::from_hours(hours));
    let minutes = |seconds: f64| seconds / 60.0;
    let gnutella = Claim {
        id: "L5",
        source: "Saroiu et al. 2002 (from memory)",
    };
    let bitcoin = Claim {
        id: "L8",
        source: "Heilman et al. 2015, sec. 3.2, citing Biryukov et al. 2014",
    };
    let ipfs = Claim {
        id: "D10",
        source: "Trautwein et al. 2022, sec. 5.3",
    };
    let redhat = Claim {
        id: "L4",
        source: "Stutzbach & Rejaie, IMC 2006 (parameters from memory)",
    };
    let mut rows = vec![
        gnutella
            .near(
                "median session in min, Gnutella".to_owned(),
                60.0,
                &[minutes(
                    PublishedSessions::Gnutella2002.life().quantile(0.5),
                )],
                0.01,
            )
            .unverified(),
        bitcoin.near(
            "share of public Bitcoin nodes offline within 10 h".to_owned(),
            0.25,
            &[1.0 - beyond(PublishedSessions::Bitcoin2014, 10)],
            0.01,
        ),
        ipfs.near(
            "share of IPFS sessions below 8 h".to_owned(),
            0.876,
            &[1.0 - beyond(PublishedSessions::Ipfs2022, 8)],
            0.01,
        ),
        ipfs.near(
            "share of IPFS sessions above 24 h".to_owned(),
            0.025,
            &[beyond(PublishedSessions::Ipfs2022, 24)],
            0.01,
        ),
    ];
    let medians = [
        (PublishedSessions::BittorrentRedhat2006, "Red Hat", 16.16),
        (PublishedSessions::BittorrentDebian2006, "Debian", 7.248),
        (PublishedSessions::BittorrentFlatout2006, "FlatOut", 22.51),
    ];
    rows.extend(medians.into_iter().map(|(sessions, name, median)| {
        let measured = minutes(sessions.life().quantile(0.5));
        let what = format!("median session in min, {name}");
        redhat.near(what, median, &[measured], 0.01).unverified()
    }));
    rows
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_is_within_its_tolerance() {
        for row in super::rows(true) {
            let off = (row.measured / row.expected - 1.0).abs();
            assert!(off < 0.01, "{}: {}", row.what, row.measured);
        }
    }
}
