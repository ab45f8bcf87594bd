//! Stateless mixing of integers: for loss, jitter, digests, and what must not depend on order.

/// The finaliser of `SplitMix64`: a bijection of 64 bits in which every input bit reaches every
/// output bit.
#[inline]
pub const fn finish(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// A hash of two words.
#[inline]
pub const fn mix2(a: u64, b: u64) -> u64 {
    finish(finish(a.wrapping_add(0x9E37_79B9_7F4A_7C15)) ^ b)
}

/// A hash of three words.
#[inline]
pub const fn mix3(a: u64, b: u64, c: u64) -> u64 {
    finish(mix2(a, b).wrapping_add(0x9E37_79B9_7F4A_7C15) ^ c)
}

/// A hash of any bytes: 8 at a time, length included.
pub fn bytes(seed: u64, data: &[u8]) -> u64 {
    data.chunks(8)
        .fold(mix2(seed, data.len() as u64), |hash, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mix2(hash, u64::from_le_bytes(word))
        })
}

/// The top 53 bits as a number in [0, 1).
#[inline]
pub fn unit_f64(hash: u64) -> f64 {
    (hash >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}
