//! Broadcast by flooding and gossip: flood, infect-and-die push, rumor mongering, anti-entropy.
//!
//! # What it is
//!
//! Some peer has a message for everybody. Four families of answers, all over datagrams:
//!
//! | `strategy` | what a peer does | reference |
//! |---|---|---|
//! | `flood` | on first receipt sends to all neighbours but the one it came from | Gnutella Protocol Specification v0.4 |
//! | `push` | on first receipt sends to `fanout` random targets, then never again ("infect and die") | Eugster et al., IEEE Computer 37(5) 2004; Kermarrec, Massoulié & Ganesh, IEEE TPDS 14(3) 2003 |
//! | `rumor` | once a cycle shares what is hot with a random target, until interest is lost | Demers et al., PODC 1987 (Xerox CSL-89-1), section 1.4; without `k`: Pittel, SIAM J. Appl. Math. 47(1) 1987 |
//! | `pull`, `push-pull` | once a cycle compares all it has with a random target | Demers et al., section 1.3 |
//!
//! To whom: the neighbours in a given overlay, anybody, or neighbours that a peer finds, chooses and replaces
//! under churn (`targets.kept`, [`keeper`]): it asks random others whether they are up, takes those it
//! prefers of those that answer (the oldest, the fastest or any), and asks them now and again whether they
//! still are.
//!
//! # Roles and messages
//!
//! All peers are alike. Every message begins with 23 B, the size of a Gnutella 0.4 descriptor header
//! (16 B identifier, 1 B type, 1 B TTL, 1 B hops, 4 B length); the sizes after it are our own choice,
//! but for the payload, which the scenario sets.
//!
//! | message | bytes | used by |
//! |---|---|---|
//! | `payload` | 23 + `payload` | all |
//! | `ack` | 23 | flood and push with `ack` |
//! | `request` ("what is hot with you?") | 23 | rumor by pull |
//! | `feedback` ("needed" or "knew it") | 24 | rumor with feedback |
//! | `digest` (one bit for each broadcast) | 23 + 8 per 64 broadcasts | pull, push-pull |
//! | `ping` ("are you up?") | 23 | `targets.kept` |
//! | `pong` ("for so many seconds") | 27 | `targets.kept` |
//!
//! # Parameters
//!
//! | key | symbol | unit | default | source |
//! |---|---|---|---|---|
//! | `strategy.flood.ttl` | TTL | hops | none | Gnutella 0.4 (clients used 7) |
//! | `strategy.push.fanout` | f | peers | - | Eugster et al.; Kermarrec et al. |
//! | `strategy.rumor.k` | k | | none: never | Demers et al. |
//! | `strategy.rumor.feedback`, `.counter` | | | true, true | Demers et al., Table 1 |
//! | `strategy.*.cycle` | | time | 1 s | our own choice: the papers count in cycles |
//! | `payload` | | bytes | 1 KiB | our own choice |
//! | `retries`, `timeout` | | | 3, 1 s | our own choice; RFC 6298 section 2.1 |
//! | `targets.kept.count` | k | peers | 8 | our own choice (Bitcoin's outbound connections) |
//! | `targets.kept.candidates` | m | peers | 16 | our own choice |
//! | `targets.kept.choice` | | | random | Godfrey, Shenker & Stoica, SIGCOMM 2006; Bustamante & Qiao, WCW 2003 |
//! | `targets.kept.ping`, `.timeout` | | time | 30 s, 3 s | our own choice |
//! | `targets.kept.both_ways` | | | false | our own choice |
//!
//! # What is simplified, and how that biases results
//!
//! - `targets = "uniform"` assumes that **peers know everybody**: no membership protocol, no cost for
//!   one, and peers that are down are picked like others. Coverage and delay are those of theory, a
//!   deployed system's are worse.
//! - `targets.kept` assumes that peers know everybody's address, up or down: candidates are an even choice of
//!   all, and those that are down answer no ping. Ages count from the start of the run, also of peers that
//!   were up before: with a warm-up that is short against the oldest sessions, `oldest` does worse than it
//!   could. Peers tell the truth about their ages.
//! - A neighbour that goes down is missed after half of `ping` and `timeout` on average; what is sent to it
//!   until then is lost, so that reliability falls with `ping`. One lost ping or pong costs a neighbour that
//!   is up, which a real client would ask again: under loss the losses *noticed* are too many
//!   (`neighbours.lost` counts those that really go). Who restarts within a ping is lost, as with a
//!   connection. Nobody says goodbye. Who has just started has no neighbours for a `timeout`: its own
//!   broadcasts, by flood or push, reach nobody.
//! - Whom one keeps need not keep one, so that a flood goes where arrows go: *not back to the one it came
//!   from* spares a copy only if one keeps that one, and a peer that nobody keeps is never reached by flood
//!   or push. With `oldest` these are the young. Pull and push-pull fetch, and do not mind; `both_ways` makes
//!   links of it, at the price that the old forward to all who keep them.
//! - Datagrams, where Gnutella used TCP: no set-up and no retransmission (unless `ack` is on), so
//!   under loss a flood does worse than over connections. A payload of several packets is lost as
//!   one.
//! - With a TTL a peer forwards the copy that comes *first*, not the one with most hops left, as
//!   Gnutella does: over unequal latencies the reach is below that of breadth-first search.
//! - Identifiers are small numbers that never collide, and a peer remembers all of them (Gnutella
//!   clients forgot after minutes): no late copy is taken for new. They survive a crash, as in the
//!   databases of Demers et al.; what is hot or waits for an acknowledgement does not.
//! - Rumor mongering keeps the conventions of the paper's tables: a *cycle* with several contacts
//!   counts once, a useful one starts the count anew (footnote to Table 3), no limit on connections,
//!   no hunting, no minimization. In common cycles (`synchronous`) a site acts on what was so when
//!   the cycle began: two pushes to one site in one cycle are both useful. That reproduces residue,
//!   traffic and last delay of Tables 1 to 3; the `t_ave` of Tables 1 and 2 is 1 to 3 cycles
//!   above ours, and above a plain Monte Carlo of the same rules.
//! - Feedback comes in a message of its own and can be lost, a lost one counting as no contact; the
//!   paper's sites talk over connections. One payload is one datagram, not a list.
//! - Anti-entropy's digest is a bitmap, cheaper than lists of identifiers and dearer than the
//!   checksums and recent-update lists of Demers et al.: digest bytes grow with the broadcasts of
//!   the whole run.
//!
//! # Metrics
//!
//! [`metrics::METRICS`]: reliability over peers up from the start of a broadcast until its deadline,
//! and over peers up at the start; share of atomic broadcasts; residue; delays to 50, 90, 99 and 100 %
//! of the peers up at the start (s), their mean and last; duplicates per first receipt; messages and
//! bytes per peer, in all and per broadcast. `broadcast.delay` has single delays (at most 20 000 a
//! run, an even choice). With `targets.kept` also [`neighbours::METRICS`]: how long neighbours stay and how
//! many are lost, their ages and round trips, how unevenly they are kept, and the traffic of pings, which is
//! in `traffic.*` and not in `broadcast.*`. Where who has stayed will stay, `neighbours.stay` is below the
//! mean of what remains of lives: sessions begin often and end soon, so that neighbours just taken, the most
//! likely to go, weigh more. A broadcast belongs to the phase it starts in; traffic is that of the whole run,
//! divided by the broadcasts of the whole run.
//!
//! # Published numbers it reproduces
//!
//! One flood costs 2E - N + 1 messages over any connected graph and latencies; the reach within a TTL
//! is at most d((d-1)^TTL - 1)/(d-2) at degree d; infect-and-die covers pi = 1 - exp(-f pi), and
//! everybody with probability exp(-exp(-c)) at f = ln n + c; push informs everybody in log2 n + ln n +
//! O(1) rounds; rumor mongering leaves s = exp(-(k+1)(1-s)); Demers et al., Tables 1 to 3. Under Pareto lives
//! neighbours stay as renewal theory says of any and of the oldest of m (Leonard, Rai & Loguinov, SIGMETRICS
//! 2005; Yao et al., IEEE/ACM Trans. Networking 17(1) 2009), under exponential lives all the same.

mod config;
pub mod eager;
pub mod entropy;
pub mod keeper;
pub mod metrics;
pub mod neighbours;
mod node;
pub mod rumor;
mod run;
mod seen;
mod tally;
pub mod targets;
mod thinning;
mod view;
pub mod wire;
mod workload;

pub use config::{
    AntiEntropy, Broadcasts, Direction, Flood, Gossip, Kept, Mongering, Push, Strategy, Whom,
};
pub use node::{Cycle, Node};
pub use workload::Schedule;

#[cfg(test)]
mod tests;
