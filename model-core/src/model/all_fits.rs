//! Whether a build fits every model, or only those that can be without rows.
//!
//! Who only renews a model ([`Training::of_renewal`](crate::Training::of_renewal)) fits no support vector machine, and nothing
//! by smartcore's solver. Without the feature `all-fits` what such a fit goes through holds a value that cannot be, so the compiler leaves
//! the code out that would go on with it.

use super::FitError;

/// Proof that this build fits every model.
#[cfg(feature = "all-fits")]
pub(crate) type AllFits = ();
/// Proof that this build fits every model: there is none.
#[cfg(not(feature = "all-fits"))]
pub(crate) type AllFits = std::convert::Infallible;

/// The proof.
///
/// # Errors
/// [`FitError::Solver`] if there is none.
#[cfg_attr(feature = "all-fits", expect(clippy::unnecessary_wraps, reason = "in this build"))]
pub(crate) fn all_fits() -> Result<AllFits, FitError> {
    #[cfg(feature = "all-fits")]
    return Ok(());
    #[cfg(not(feature = "all-fits"))]
    Err(FitError::Solver("it is not in this build: build with the feature all-fits".to_owned()))
}
