//! [`View`]: whom a peer keeps, who keeps it, and who has answered when it looked for others. Pure; sends
//! nothing.

use crate::churn::{Choice, Known};
use crate::peer::PeerId;
use crate::random::PeerRng;
use crate::time::{Duration, Instant};

/// The partial view of one peer: 16 bytes for each that it keeps or that keeps it.
#[derive(Clone, Default, Debug)]
pub(super) struct View {
    kept: Vec<Kept>,
    /// Who keeps the peer, and when it last said so.
    keepers: Vec<(PeerId, Instant)>,
    /// Who has answered since the peer began to look; nothing if it does not look.
    answers: Option<Vec<Known>>,
    /// When it began to look.
    looked: Instant,
    /// The number of the last question of any kind. Numbers go on over lives, so that an answer to an
    /// earlier one is none.
    last: u16,
    /// The numbers of the last question to those kept, and of the last one to others.
    beat: u16,
    look: u16,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    peer: PeerId,
    /// Whether it has answered the last question.
    heard: bool,
    /// Since when it is up, as it said when it was taken.
    since: Instant,
}

impl View {
    /// Keeps nobody, as after a restart.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.keepers.clear();
        self.answers = None;
    }

    /// Those kept.
    pub(super) fn kept(&self) -> impl ExactSizeIterator<Item = PeerId> + '_ {
        self.kept.iter().map(|kept| kept.peer)
    }

    /// Those kept, then those that keep the peer.
    pub(super) fn links(&self) -> Vec<PeerId> {
        let mut links: Vec<PeerId> = self.kept().collect();
        let keepers = self.keepers.iter().map(|&(peer, _)| peer);
        links.extend(keepers.filter(|&peer| self.kept().all(|kept| kept != peer)));
        links
    }

    /// Somebody says that it keeps the peer; whether that is new.
    pub(super) fn is_kept_by(&mut self, by: PeerId, now: Instant) -> bool {
        let known = self.keepers.iter_mut().find(|(peer, _)| *peer == by);
        if let Some((_, said)) = known {
            *said = now;
            return false;
        }
        self.keepers.push((by, now));
        true
    }

    /// Forgets those that have not said since `before` that they keep the peer; whether there were any.
    pub(super) fn forget_keepers(&mut self, before: Instant) -> bool {
        let there = self.keepers.len();
        self.keepers.retain(|&(_, said)| said >= before);
        self.keepers.len() < there
    }

    /// The number of the last question to those kept.
    pub(super) fn last_beat(&self) -> u16 {
        self.beat
    }

    /// Whether the peer looks for others.
    pub(super) fn looks(&self) -> bool {
        self.answers.is_some()
    }

    fn next(&mut self) -> u16 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// Asks all that are kept; the number of the question.
    pub(super) fn beat(&mut self) -> u16 {
        for kept in &mut self.kept {
            kept.heard = false;
        }
        self.beat = self.next();
        self.beat
    }

    /// Begins to look for others; the number of the question.
    pub(super) fn look(&mut self, now: Instant) -> u16 {
        self.answers = Some(Vec::new());
        self.looked = now;
        self.look = self.next();
        self.look
    }

    /// Somebody answers question `number` and says it is up since `since`, which is off by up to
    /// `slack`. Who is kept and says that it is up for less long than it was has been away.
    pub(super) fn heard(
        &mut self,
        from: PeerId,
        number: u16,
        since: Instant,
        slack: Duration,
        now: Instant,
    ) {
        let kept = self.kept.iter_mut().find(|kept| kept.peer == from);
        if let Some(kept) = kept {
            kept.heard |= number == self.beat && since <= kept.since.saturating_add(slack);
        } else if let Some(answers) = &mut self.answers
            && number == self.look
            && answers.iter().all(|known| known.peer != from)
        {
            answers.push(Known {
                peer: from,
                since: Some(since),
                round_trip: Some(now.saturating_since(self.looked)),
            });
        }
    }

    /// Drops those that have not answered, and names them.
    pub(super) fn drop_silent(&mut self) -> Vec<PeerId> {
        let silent = self.kept.iter().filter(|kept| !kept.heard);
        let silent = silent.map(|kept| kept.peer).collect();
        self.kept.retain(|kept| kept.heard);
        silent
    }

    /// Ends the look and takes the preferred of those who answered, until `count` are kept. Those taken.
    pub(super) fn take(&mut self, count: usize, choice: Choice, rng: &mut PeerRng) -> Vec<Known> {
        let mut answers = self.answers.take().unwrap_or_default();
        let missing = count.saturating_sub(self.kept.len());
        let taken = choice.prefer(&mut answers, missing, rng).to_vec();
        self.kept.extend(taken.iter().map(|known| Kept {
            peer: known.peer,
            heard: true,
            since: known.since.unwrap_or(Instant::ZERO),
        }));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLACK: Duration = Duration::from_secs(2);

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    fn kept(view: &View) -> Vec<u32> {
        view.kept().map(|peer| peer.0).collect()
    }

    /// Keeps the two oldest of three that answered at 103 s: peers 1 (since 50 s) and 3 (since 20 s).
    fn view() -> (View, PeerRng) {
        let (mut view, mut rng) = (View::default(), PeerRng::from_state(1));
        let number = view.look(at(100));
        for (peer, since) in [(1, 50), (2, 90), (3, 20)] {
            view.heard(PeerId(peer), number, at(since), SLACK, at(103));
        }
        let taken = view.take(2, Choice::Oldest, &mut rng);
        assert_eq!(taken[0].round_trip, Some(Duration::from_secs(3)));
        (view, rng)
    }

    #[test]
    fn takes_the_preferred_of_those_who_answered() {
        let (view, _) = view();
        assert_eq!(kept(&view), [3, 1]);
        assert!(!view.looks());
    }

    #[test]
    fn who_does_not_answer_is_dropped_and_replaced() {
        let (mut view, mut rng) = view();
        let number = view.beat();
        view.heard(PeerId(1), number, at(51), SLACK, at(131));
        assert_eq!(view.drop_silent(), [PeerId(3)]);
        let look = view.look(at(140));
        // Who is kept is no candidate, who answers twice is one, and what is late is none.
        for (peer, number) in [(1, look), (4, look), (4, look), (5, number)] {
            view.heard(PeerId(peer), number, at(100), SLACK, at(141));
        }
        let taken = view.take(2, Choice::Oldest, &mut rng);
        assert_eq!(taken.len(), 1);
        assert_eq!(kept(&view), [1, 4]);
        view.forget();
        assert_eq!(view.kept().len(), 0);
    }

    #[test]
    fn who_has_been_away_has_not_answered() {
        let (mut view, _) = view();
        let number = view.beat();
        view.heard(PeerId(1), number, at(52), SLACK, at(131));
        view.heard(PeerId(3), number, at(120), SLACK, at(131));
        assert_eq!(view.drop_silent(), [PeerId(3)]);
    }

    #[test]
    fn who_keeps_the_peer_is_a_link_until_it_says_so_no_more() {
        let (mut view, _) = view();
        let (other, both) = (PeerId(8), PeerId(3));
        assert!(view.is_kept_by(other, at(110)) && view.is_kept_by(both, at(120)));
        assert!(!view.is_kept_by(other, at(115)));
        assert_eq!(view.links(), [both, PeerId(1), other]);
        assert!(!view.forget_keepers(at(115)));
        assert!(view.forget_keepers(at(116)));
        assert_eq!(view.links(), [both, PeerId(1)]);
    }

    #[test]
    fn an_answer_to_an_earlier_life_is_none() {
        let (mut view, mut rng) = view();
        let before = view.look(at(200));
        view.forget();
        view.look(at(300));
        view.heard(PeerId(7), before, at(0), SLACK, at(301));
        assert!(view.take(8, Choice::Random, &mut rng).is_empty());
    }
}
