//! Kinds dealt among peers by shares: exact counts, and who has which is random.

use crate::peer::Population;
use crate::random::Draw;

/// Which kind each peer has, in order of number: of each class of peers the first kind has its share
/// to the nearest peer, then the second, and so on; what is left over has the number of kinds. `draws`
/// gives the stream of a class of peers, so that adding a class changes nothing for the others.
pub(super) fn dealt<R: Draw>(
    shares: &[f64],
    population: &Population,
    mut draws: impl FnMut(usize) -> R,
) -> Vec<u8> {
    let rest = u8::try_from(shares.len()).expect("at most 255 kinds");
    let mut of = vec![rest; population.len() as usize];
    let mut first = 0;
    for (number, peers) in population.classes().iter().enumerate() {
        let count = peers.count as usize;
        let mut order = draws(number).sample_indices(count, count).into_iter();
        let (mut share, mut given) = (0.0, 0);
        for (kind, own) in (0..).zip(shares) {
            share += own;
            let until = (share * f64::from(peers.count)).round() as usize;
            for index in order.by_ref().take(until.saturating_sub(given)) {
                of[first + index] = kind;
            }
            given = given.max(until);
        }
        first += count;
    }
    of
}
