//! I7: the whole eclipse attack, against what Heilman et al. did to real nodes (table 2).

use super::{Room, Source, column, per_seed};
use crate::adversary::eclipse::{self, Eclipse};
use crate::engine::{Phases, Setup};
use crate::network::Network;
use crate::peer::Population;
use crate::protocols::bitcoin::Bitcoin;
use crate::protocols::bitcoin::addrman::closed_forms::{TriedMix, all_outgoing, chooses_attacker};
use crate::protocols::bitcoin::addrman::pre_age::PreAge;
use crate::time::Duration;
use crate::validate::{Known, Rule};

const PREDICTED: Source = Source {
    id: "I7",
    text: "Heilman et al., table 2, predicted: eq. 3 from the run's own f and f'",
};
const EQ_3: Source = Source {
    id: "I7",
    text: "Heilman et al., eq. 3 from the run's own f and f', two s.e. of 50 restarts; bots win more \
           often than it says, as in the paper",
};
const TABLE_2: Source = Source {
    id: "I7",
    text: "Heilman et al., USENIX Security 2015, table 2, experiment, three s.e. of its 50 restarts",
};

/// The paper restarted each victim so often.
const RESTARTS: f64 = 50.0;
/// Honest nodes; the figures hardly depend on it.
const PEERS: u32 = 150;

/// One row: groups, addresses in each, minutes until the restart, length of a round in seconds, and the
/// shares of restarts that the attacker won and that were predicted.
type Attack = (&'static str, u32, u32, u64, u64, f64, f64);

/// The transplanted victims, whose tables were those of live nodes. Of the others the tables' ages are
/// not known. One setting for all: 248 addresses in `tried`, 23.5 % of them online, 100 addresses of
/// trash a connection.
const ATTACKS: [Attack; 7] = [
    ("20 groups of 256, 1 h", 20, 256, 60, 27 * 60, 0.82, 0.77),
    ("400 bots, 1 h", 400, 1, 60, 90, 0.88, 0.34),
    ("20 groups of 256, 2 h", 20, 256, 120, 27 * 60, 0.78, 0.87),
    ("20 groups of 256, 4 h", 20, 256, 240, 27 * 60, 0.86, 0.91),
    ("200 bots, 1 h", 200, 1, 60, 74, 0.60, 0.11),
    ("400 bots, 4 h", 400, 1, 240, 90, 0.84, 0.61),
    ("600 bots, 1 h", 600, 1, 60, 209, 0.96, 0.47),
];

/// The worst case for the attacker: all of `tried` is honest and fresh. Here as in the paper the attacker
/// wins more often than equation 3 says.
const WORST_CASE: [Attack; 2] = [
    (
        "worst case, 32 groups of 256, 10 h",
        32,
        256,
        600,
        43 * 60,
        0.98,
        0.87,
    ),
    (
        "worst case, 2300 groups of 2, 5 h",
        2300,
        2,
        300,
        26 * 60,
        1.00,
        0.96,
    ),
];

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("the eclipse attack on real nodes (I7)");
    let rows = room.seeds(2, 7) as usize;
    let transplanted = PreAge {
        tried: 248,
        ..PreAge::default()
    };
    for attack in &ATTACKS[..rows] {
        judge(room, attack, transplanted);
    }
    let full_of_fresh = PreAge {
        tried: 4096,
        tried_oldest: Duration::from_mins(1),
        ..PreAge::default()
    };
    if !room.quick {
        for attack in &WORST_CASE {
            judge(room, attack, full_of_fresh);
        }
    }
}

fn judge(room: &mut Room<'_>, row: &Attack, tables: PreAge) {
    let &(what, groups, addresses_per_group, minutes, round, won, printed) = row;
    let seeds = room.seeds(6, 20);
    let start = Duration::from_mins(1);
    let attack = Eclipse {
        groups,
        addresses_per_group,
        start,
        restart: start + Duration::from_mins(minutes),
        round: Duration::from_secs(round),
        trash: 100,
        replays: 50,
        tables,
        ..Eclipse::default()
    };
    let runs = per_seed(seeds, |seed| run(&attack, seed));
    let values = column(&runs, |run| run.0);
    let error = |share: f64| (share * (1.0 - share) / RESTARTS).sqrt();
    let target = TABLE_2.claim(format!("restarts won, {what}"), won);
    // All fifty won is no proof of certainty: as if one had been lost.
    let doubt = error(won.min(1.0 - 1.0 / RESTARTS));
    room.judge(target, &values, Rule::Reported(3.0 * doubt / won));
    let predicted = column(&runs, |run| run.1);
    let target = PREDICTED.claim(format!("restarts predicted, {what}"), printed);
    room.judge(target, &predicted, Rule::Reported(0.06 / printed));
    let is_transplanted = tables.tried < 4096;
    if addresses_per_group > 2 && is_transplanted {
        let mean = predicted.iter().sum::<f64>() / predicted.len() as f64;
        let target = EQ_3
            .claim(format!("predicted and won, {what}"), mean)
            .known(Known {
                value: won,
                runs: None,
                why: "not known. The paper's own restarts are as far below its prediction after 2 and 4 h; \
                      without a single live address in `new` the value is the same",
            });
        room.judge(target, &values, Rule::Reported(2.0 * error(mean) / mean));
    }
}

/// The share of restarts that the attacker won, and what equation 3 says it should be.
fn run(attack: &Eclipse, seed: u64) -> (f64, f64) {
    let bitcoin = Bitcoin {
        dns_seeds: 0,
        ..Bitcoin::default()
    };
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(PEERS, network, seed, Duration::ZERO);
    setup.population = Population::attacked(PEERS, attack.machines);
    setup.phases = Phases::only(attack.restart + Duration::from_mins(2));
    let record = eclipse::run(&bitcoin, attack, &setup);
    let get = |metric| record.get(metric).unwrap_or(f64::NAN);
    let mix = TriedMix {
        attack: get("eclipse.tried_poisoned"),
        connected: get("eclipse.tried_connected"),
        attack_age: attack.round,
        honest_age: attack.restart.saturating_sub(attack.start),
    };
    let predicted = all_outgoing(chooses_attacker(&mix), bitcoin.outbound);
    (get("eclipse.success"), predicted)
}
