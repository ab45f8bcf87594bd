//! L: the published sessions against what their sources say of them.

use super::{Room, Source};
use crate::churn::{ChurnPreset, Lifetime, PublishedSessions};
use crate::time::Duration;
use crate::validate::Rule;

const L1: Source = Source {
    id: "L1",
    text: "Steiner et al. 2007, as in PeerfactSim (Weibull fits of KAD)",
};
const L4: Source = Source {
    id: "L4",
    text: "Stutzbach & Rejaie, IMC 2006, as notes on it say (Weibull fits of BitTorrent)",
};
const L5: Source = Source {
    id: "L5",
    text: "Saroiu, Gummadi & Gribble, MMCN 2002, their poster (Gnutella and Napster)",
};
const L7: Source = Source {
    id: "L7",
    text: "OverSim, default.ini, LifetimeChurn: lives and absences of 10 000 s",
};
const L8: Source = Source {
    id: "L8",
    text: "Heilman et al. 2015, section 3.2, citing Biryukov et al. 2014",
};
const D10: Source = Source {
    id: "D10",
    text: "Trautwein et al., SIGCOMM 2022, section 5.3 (IPFS)",
};

/// How near a law has to be to its source.
const WITHIN: Rule = Rule::Reported(0.01);

/// Mean and the three quartiles, in minutes.
fn in_minutes(life: Lifetime) -> [(&'static str, f64); 4] {
    [
        ("mean", life.mean() / 60.0),
        ("lower quartile", life.quantile(0.25) / 60.0),
        ("median", life.quantile(0.5) / 60.0),
        ("upper quartile", life.quantile(0.75) / 60.0),
    ]
}

/// The laws themselves; that what is drawn follows them is L1 to L3.
pub(super) fn claims(room: &mut Room<'_>) {
    room.say("churn: published sessions (L1, L4, L5, L8)");
    let (session, absence) = ChurnPreset::Kad2007.lives();
    // Of shape and scale: scale Gamma(1 + 1/shape) and scale (-ln (1 - p))^(1/shape), computed apart.
    let kad = [
        ("sessions", session, [247.143, 22.3671, 93.4317, 288.328]),
        ("absences", absence, [907.989, 30.2739, 191.689, 821.063]),
    ];
    for (name, life, published) in kad {
        for ((what, ours), published) in in_minutes(life).into_iter().zip(published) {
            let what = format!("preset, {what} of {name} in min");
            room.judge(L1.claim(what, published), &[ours], WITHIN);
        }
    }
    let bittorrent = [
        (
            PublishedSessions::BittorrentRedhat2006,
            "Red Hat",
            [118.756, 0.545_69, 7.248_02, 55.6675],
        ),
        (
            PublishedSessions::BittorrentDebian2006,
            "Debian",
            [163.382, 1.597_54, 16.1616, 100.154],
        ),
        (
            PublishedSessions::BittorrentFlatout2006,
            "FlatOut",
            [64.4610, 5.071_27, 22.5127, 72.8865],
        ),
    ];
    for (sessions, name, published) in bittorrent {
        for ((what, ours), published) in in_minutes(sessions.life()).into_iter().zip(published) {
            let what = format!("{what} of sessions in min, {name}");
            room.judge(L4.claim(what, published), &[ours], WITHIN);
        }
    }
    let gnutella = PublishedSessions::Gnutella2002.life().quantile(0.5) / 60.0;
    let target = L5.claim("median session in min, Gnutella", 60.0);
    room.judge(target, &[gnutella], WITHIN);
    let (oversim, _) = ChurnPreset::Oversim.lives();
    let target = L7.claim("preset, mean session in s", 10_000.0);
    room.judge(target, &[oversim.mean()], WITHIN);
    let beyond =
        |sessions: PublishedSessions, hours| sessions.life().survival(Duration::from_hours(hours));
    let gone = 1.0 - beyond(PublishedSessions::Bitcoin2014, 10);
    let target = L8.claim("share of public Bitcoin nodes gone within 10 h", 0.25);
    room.judge(target, &[gone], WITHIN);
    let below = 1.0 - beyond(PublishedSessions::Ipfs2022, 8);
    let target = D10.claim("share of IPFS sessions below 8 h", 0.876);
    room.judge(target, &[below], WITHIN);
    let above = beyond(PublishedSessions::Ipfs2022, 24);
    let target = D10.claim("share of IPFS sessions above 24 h", 0.025);
    room.judge(target, &[above], WITHIN);
}
