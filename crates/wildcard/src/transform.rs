//! Cyclic convolution of whole numbers by a transform modulo a prime: exact, without rounding.

/// A prime with 2^23 | p - 1, below 2^30 so that sums of four residues fit a word.
pub(crate) const MODULUS: u32 = 998_244_353;
/// A number whose powers are all residues but zero.
const GENERATOR: u32 = 3;
const TWICE: u32 = 2 * MODULUS;
/// The longest row that can be transformed.
pub(crate) const SIZE_MAX: usize = 1 << 23;

/// The transform of rows of one size, a power of two from 4 to [`SIZE_MAX`].
///
/// Residues in rows are below twice the modulus.
#[derive(Debug)]
pub(crate) struct Transform {
    size: usize,
    /// From `h` on, for each power of two `h`: the first `h` powers of a root of unity of order `2h`.
    roots: Vec<u32>,
    /// The quotient of each, as [`Factor`] has it.
    quotients: Vec<u32>,
}

/// A factor, and the quotient of its product with 2^32 by the modulus: products need no division.
#[derive(Debug, Clone, Copy)]
struct Factor {
    residue: u32,
    quotient: u32,
}

impl Factor {
    fn new(residue: u32) -> Factor {
        Factor {
            residue,
            quotient: low((u64::from(residue) << 32) / u64::from(MODULUS)),
        }
    }

    /// The product with any number, below twice the modulus.
    #[inline]
    fn times(self, number: u32) -> u32 {
        let quotient = low((u64::from(number) * u64::from(self.quotient)) >> 32);
        let product = number.wrapping_mul(self.residue);
        product.wrapping_sub(quotient.wrapping_mul(MODULUS))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is left out is zero, or cancels modulo 2^32"
)]
#[inline]
fn low(number: u64) -> u32 {
    number as u32
}

/// The residue of a number.
#[inline]
pub(crate) fn residue(number: u64) -> u32 {
    low(number % u64::from(MODULUS))
}

/// Halves the range of a sum of two.
#[inline]
fn halve(sum: u32) -> u32 {
    sum.min(sum.wrapping_sub(TWICE))
}

fn power(base: u32, mut exponent: u32) -> u32 {
    let (mut base, mut product) = (u64::from(base), 1);
    while exponent > 0 {
        if exponent % 2 == 1 {
            product = u64::from(residue(product * base));
        }
        base = u64::from(residue(base * base));
        exponent /= 2;
    }
    residue(product)
}

impl Transform {
    pub(crate) fn new(size: usize) -> Transform {
        let mut roots = vec![0; size];
        if let Some(one) = roots.get_mut(1) {
            *one = 1;
        }
        let mut half = 1;
        while half * 2 < size {
            let order = u32::try_from(half * 4).unwrap_or(u32::MAX);
            let root = Factor::new(power(GENERATOR, (MODULUS - 1) / order));
            let (known, next) = roots.split_at_mut(half * 2);
            let known = known.iter().skip(half);
            for (pair, factor) in next.as_chunks_mut::<2>().0.iter_mut().zip(known) {
                *pair = [*factor, root.times(*factor) % MODULUS];
            }
            half *= 2;
        }
        let quotients = roots.iter().map(|root| Factor::new(*root).quotient);
        Transform {
            size,
            quotients: quotients.collect(),
            roots,
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The spectrum of a row, in an order of its own.
    pub(crate) fn forward(&self, row: &mut [u32]) {
        let mut half = self.size / 2;
        while half > 1 {
            let roots = self.roots_of(half);
            for block in row.chunks_exact_mut(half * 2) {
                let (low, high) = block.split_at_mut(half);
                for ((low, high), root) in low.iter_mut().zip(high).zip(roots.clone()) {
                    let (one, other) = (*low, *high);
                    *low = halve(one + other);
                    *high = root.times(one + TWICE - other);
                }
            }
            half /= 2;
        }
        pairs(row);
    }

    /// The row of a spectrum, times the size; each element stands at the place that is opposite its own: the
    /// first where it is, the second last, and so on.
    pub(crate) fn backward(&self, spectrum: &mut [u32]) {
        pairs(spectrum);
        let mut half = 2;
        while half < self.size {
            let roots = self.roots_of(half);
            for block in spectrum.chunks_exact_mut(half * 2) {
                let (low, high) = block.split_at_mut(half);
                for ((low, high), root) in low.iter_mut().zip(high).zip(roots.clone()) {
                    let (one, other) = (*low, root.times(*high));
                    *low = halve(one + other);
                    *high = halve(one + TWICE - other);
                }
            }
            half *= 2;
        }
    }

    fn roots_of(&self, half: usize) -> impl Iterator<Item = Factor> + Clone {
        let roots = self.roots.get(half..half * 2).unwrap_or_default();
        let quotients = self.quotients.get(half..half * 2).unwrap_or_default();
        roots
            .iter()
            .zip(quotients)
            .map(|(&residue, &quotient)| Factor { residue, quotient })
    }
}

/// The innermost step, whose only factor is one.
fn pairs(row: &mut [u32]) {
    for [low, high] in row.as_chunks_mut::<2>().0 {
        (*low, *high) = (halve(*low + *high), halve(*low + TWICE - *high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_spectra_are_convolutions() {
        for size in [4, 8, 64, 1024] {
            let transform = Transform::new(size);
            let row = |factor: u64, step: u64| -> Vec<u32> {
                let numbers =
                    (0..u64::try_from(size).unwrap()).map(|at| residue((at + 1) * factor));
                numbers
                    .map(|number| residue(u64::from(number) * step))
                    .collect()
            };
            let (one, other) = (row(77_777_777, 3), row(998_244_352, 5));
            let mut expected = vec![0_u64; size];
            for (at, a) in one.iter().enumerate() {
                for (with, b) in other.iter().enumerate() {
                    let sum = &mut expected[(at + with) % size];
                    *sum = u64::from(residue(*sum + u64::from(*a) * u64::from(*b)));
                }
            }
            let (mut ours, mut theirs) = (one, other);
            transform.forward(&mut ours);
            transform.forward(&mut theirs);
            for (ours, theirs) in ours.iter_mut().zip(theirs) {
                *ours = residue(u64::from(*ours) * u64::from(theirs));
            }
            transform.backward(&mut ours);
            for (at, expected) in expected.iter().enumerate() {
                let scaled = residue(expected * u64::try_from(size).unwrap());
                assert_eq!(ours[(size - at) % size] % MODULUS, scaled, "{at} of {size}");
            }
        }
    }
}
