//! I7: the whole eclipse attack, against what Heilman et al. did to real nodes (table 2).

use super::{Room, Source, per_seed};
use crate::adversary::eclipse::{self, Eclipse};
use crate::engine::{Phases, Setup};
use crate::network::Network;
use crate::peer::{Class, Population};
use crate::protocols::bitcoin::Bitcoin;
use crate::protocols::bitcoin::addrman::pre_age::PreAge;
use crate::time::Duration;
use crate::validate::Rule;

const TABLE_2: Source = Source {
    id: "I7",
    text: "Heilman et al., USENIX Security 2015, table 2, experiment, three s.e. of its 50 restarts",
};

/// The paper restarted each victim so often.
const RESTARTS: f64 = 50.0;
/// Honest nodes; the figures hardly depend on it.
const PEERS: u32 = 150;

/// One row: groups, addresses in each, minutes until the restart, length of a round in seconds, and the
/// share of restarts that the attacker won.
type Attack = (&'static str, u32, u32, u64, u64, f64);

/// The transplanted victims, whose tables were those of live nodes. Of the others the tables' ages are
/// not known. One setting for all: 248 addresses in `tried`, 23.5 % of them online, 100 addresses of
/// trash a connection.
const ATTACKS: [Attack; 7] = [
    ("20 groups of 256, 1 h", 20, 256, 60, 27 * 60, 0.82),
    ("400 bots, 1 h", 400, 1, 60, 90, 0.88),
    ("20 groups of 256, 2 h", 20, 256, 120, 27 * 60, 0.78),
    ("20 groups of 256, 4 h", 20, 256, 240, 27 * 60, 0.86),
    ("200 bots, 1 h", 200, 1, 60, 74, 0.60),
    ("400 bots, 4 h", 400, 1, 240, 90, 0.84),
    ("600 bots, 1 h", 600, 1, 60, 209, 0.96),
];

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("the eclipse attack on real nodes (I7)");
    let rows = room.seeds(2, 7) as usize;
    let seeds = room.seeds(6, 20);
    for (what, groups, addresses_per_group, minutes, round, won) in ATTACKS.into_iter().take(rows) {
        let start = Duration::from_mins(1);
        let attack = Eclipse {
            groups,
            addresses_per_group,
            start,
            restart: start + Duration::from_mins(minutes),
            round: Duration::from_secs(round),
            trash: 100,
            replays: 50,
            tables: PreAge {
                tried: 248,
                ..PreAge::default()
            },
            ..Eclipse::default()
        };
        let values = per_seed(seeds, |seed| success(&attack, seed));
        let error = (won * (1.0 - won) / RESTARTS).sqrt();
        let target = TABLE_2.claim(format!("restarts won, {what}"), won);
        room.judge(target, &values, Rule::Reported(3.0 * error / won));
    }
}

fn success(attack: &Eclipse, seed: u64) -> f64 {
    let bitcoin = Bitcoin {
        dns_seeds: 0,
        ..Bitcoin::default()
    };
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(PEERS, network, seed, Duration::ZERO);
    let class = |name: &str, count| Class {
        name: name.to_owned(),
        count,
    };
    setup.population = Population::new(vec![
        class("peers", PEERS),
        class("attackers", attack.machines),
    ]);
    setup.phases = Phases::only(attack.restart + Duration::from_mins(2));
    let record = eclipse::run(&bitcoin, attack, &setup);
    record.get("eclipse.success").unwrap_or(f64::NAN)
}
