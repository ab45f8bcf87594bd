//! The slow obvious version: progressive filling of everything from nothing.

/// A flow over two links, of at most `cap`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) up: u32,
    pub(super) down: u32,
    pub(super) cap: Option<u64>,
}

impl Route {
    fn crosses(&self, link: usize) -> bool {
        self.up as usize == link || self.down as usize == link
    }
}

/// The rates of all flows: again and again the smallest of the caps and of the equal shares of links
/// (of equal ones: caps, then the link with the smaller number) is given to those it concerns.
pub(super) fn progressive_filling(capacities: &[u64], routes: &[Route]) -> Vec<u64> {
    let mut rates: Vec<Option<u64>> = vec![None; routes.len()];
    loop {
        let open = |rates: &[Option<u64>]| -> Vec<usize> {
            (0..routes.len()).filter(|&f| rates[f].is_none()).collect()
        };
        let waiting = open(&rates);
        if waiting.is_empty() {
            return rates.into_iter().flatten().collect();
        }
        let caps = waiting
            .iter()
            .filter_map(|&flow| Some((routes[flow].cap?, flow)));
        let share = |link: usize| {
            let on = |&&flow: &&usize| routes[flow].crosses(link);
            let sharers = waiting.iter().filter(on).count() as u64;
            let given = (0..routes.len()).filter(|&flow| routes[flow].crosses(link));
            let given: u64 = given.filter_map(|flow| rates[flow]).sum();
            (sharers > 0).then(|| ((capacities[link] - given) / sharers, link))
        };
        let link = (0..capacities.len()).filter_map(share).min();
        match (caps.min(), link) {
            (Some((cap, flow)), link) if link.is_none_or(|(share, _)| cap <= share) => {
                rates[flow] = Some(cap);
            }
            (_, Some((share, link))) => {
                for flow in waiting {
                    if routes[flow].crosses(link) {
                        rates[flow] = Some(share);
                    }
                }
            }
            _ => unreachable!("every flow crosses a link"),
        }
    }
}
