//! L: neighbours that peers keep, and how long they stay.

use super::{Room, Source, column, per_seed};
use crate::churn::Choice;
use crate::time::Duration;
use crate::validate::Rule;
use crate::validate::neighbours::{
    Case, SCALE, age_when_taken, gone, restricted_stay, stay_when_taken,
};

const L11: Source = Source {
    id: "L11",
    text: "renewal theory and order statistics, lives of Pareto shape 4 and scale 1 h; the setting of \
           Leonard, Rai & Loguinov 2005 and of Yao et al., ToN 17(1) 2009",
};
const L12: Source = Source {
    id: "L12",
    text: "elementary: exponential lives have no memory; lives of 1 h",
};
const L13: Source = Source {
    id: "L13",
    text: "elementary: half of 1 - (1 - exp(-2r))/(2r), r = ping / mean life; exponential lives of 1 h",
};

const SHAPE: f64 = 4.0;
/// Three standard errors of the quick set. The oldest are few and are kept by many, so that a run of a hundred
/// peers knows little of their ages.
const AGES: Rule = Rule::ClosedForm(0.06);
const STAYS: Rule = Rule::ClosedForm(0.03);
const GONE: Rule = Rule::ClosedForm(0.06);
/// Stays count up to so many hours.
const LIMIT: f64 = 2.0;
const PING: Duration = Duration::from_mins(10);
/// How long neighbours that are gone are kept does not matter to how long they stayed.
const SELDOM: Duration = Duration::from_hours(1);
/// Beyond the run: who is chosen at the start of a session is not replaced.
const NEVER: Duration = Duration::from_hours(100_000);

fn case(choice: Choice, count: u8, ping: Duration, shape: Option<f64>) -> Case {
    Case {
        choice,
        count,
        candidates: 4,
        ping,
        shape,
    }
}

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("churn: neighbours that are kept (L11 to L13)");
    heavy_tailed(room);
    without_memory(room);
}

/// L11: by age where age tells. One neighbour is replaced by the oldest of those that answer, so that all are
/// alike; of two that are never replaced both are the oldest two.
fn heavy_tailed(room: &mut Room<'_>) {
    let seeds = room.seeds(30, 200);
    for (name, choice, count, ping) in [
        ("any", Choice::Random, 1, SELDOM),
        ("the oldest of 4", Choice::Oldest, 1, SELDOM),
        ("the oldest 2 of 4", Choice::Oldest, 2, NEVER),
    ] {
        if room.quick && count > 1 {
            continue;
        }
        let case = case(choice, count, ping, Some(SHAPE));
        let runs = per_seed(seeds, |seed| {
            let record = case.run(seed);
            let hours = |seconds: f64| seconds / SCALE.as_secs_f64();
            let age = record.get("neighbours.age").unwrap_or(f64::NAN);
            let stay = restricted_stay(&record, LIMIT * SCALE.as_secs_f64());
            [hours(age), hours(stay)]
        });
        let closed = [
            ("age when taken", age_when_taken(case, SHAPE), AGES),
            ("stay up to 2 h", stay_when_taken(case, SHAPE, LIMIT), STAYS),
        ];
        for (at, (what, expected, rule)) in closed.into_iter().enumerate() {
            let target = L11.claim(format!("mean {what} in h, {name}"), expected);
            let values = column(&runs, |run| run[at]);
            room.judge(target, &values, rule);
        }
    }
}

/// L12: whoever is chosen stays for a mean life. L13: how many are gone without being missed.
fn without_memory(room: &mut Room<'_>) {
    let seeds = room.seeds(30, 200);
    for (name, choice) in [
        ("any", Choice::Random),
        ("the oldest", Choice::Oldest),
        ("the fastest", Choice::Fastest),
    ] {
        let case = case(choice, 2, PING, None);
        let runs = per_seed(seeds, |seed| {
            let record = case.run(seed);
            let get = |metric| record.get(metric).unwrap_or(f64::NAN);
            let stay = get("neighbours.stay") / SCALE.as_secs_f64();
            [stay, get("neighbours.gone")]
        });
        let target = L12.claim(format!("mean stay in h, {name} of 4"), 1.0);
        room.judge(target, &column(&runs, |run| run[0]), STAYS);
        let what = format!("share of neighbours that are gone, {name} of 4, ping = {PING}");
        let target = L13.claim(what, gone(PING, SCALE));
        room.judge(target, &column(&runs, |run| run[1]), GONE);
    }
}
