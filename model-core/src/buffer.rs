//! Scratch space for one prediction: on the stack for ordinary models, one allocation for wide ones.

/// Values that fit without an allocation: 64 features, the pairs of 11 classes, or the coupling
/// matrix of 8.
const ON_STACK: usize = 64;

/// Runs `work` with `n` zeros.
pub(crate) fn with_zeros<R>(n: usize, work: impl FnOnce(&mut [f64]) -> R) -> R {
    let mut stack = [0.0; ON_STACK];
    match stack.get_mut(..n) {
        Some(zeros) => work(zeros),
        None => work(&mut vec![0.0; n]),
    }
}
