//! "did you mean …?"

/// The name nearest to `word`, if one is near enough to be meant: at most one edit and one more for
/// every four letters (Damerau-Levenshtein), whatever the case and `-` or `_`.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let word = plain(word);
    let length = word.chars().count();
    if length > 100 {
        return None;
    }
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &plain(name)), name))
        .filter(|&(distance, _)| distance <= 1 + length / 4)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_found_and_a_guess_is_not() {
        let names = ["duration", "peers", "access-link", "fanout"];
        assert_eq!(nearest("duratoin", names), Some("duration"));
        assert_eq!(nearest("Access_Link", names), Some("access-link"));
        assert_eq!(nearest("peer", names), Some("peers"));
        assert_eq!(nearest("latency", names), None);
        // Three letters forgive one edit, not two.
        assert_eq!(nearest("pee", ["peers"]), None);
        assert_eq!(nearest("", ["peers"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), names), None);
    }
}
