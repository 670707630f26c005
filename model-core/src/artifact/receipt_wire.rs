//! The receipt as it stands in a file of any format: the frame's, not the content's.
//!
//! It has no version: it grows at its end. A field that is added stands behind those before, and who
//! adds it says what files mean that end earlier, with a constant that never changes. A program that
//! does not know a field passes over the bytes behind those that it knows, and writes them back as they
//! were. So every program from this rule on reads every receipt, older and newer ones; the four fields
//! here are those of all files.

use serde::{Deserialize, Serialize};

use super::{ArtifactError, Receipt};

#[derive(Serialize, Deserialize)]
pub(super) struct ReceiptWire {
    created_at_millis: i64,
    fit_millis: f64,
    calibration_millis: f64,
    host: String,
}

/// A receipt that can be read back: a clock that gave nonsense gives 0.
pub(super) fn encode(receipt: &Receipt) -> ReceiptWire {
    let finite = |millis: f64| if millis.is_finite() { millis } else { 0.0 };
    ReceiptWire {
        created_at_millis: receipt.created_at_millis,
        fit_millis: finite(receipt.fit_millis),
        calibration_millis: finite(receipt.calibration_millis),
        host: receipt.host.clone(),
    }
}

/// The receipt, and the bytes of fields that only a later Tepal knows.
pub(super) fn decode(bytes: &[u8]) -> Result<(Receipt, &[u8]), ArtifactError> {
    let Ok((wire, later)) = postcard::take_from_bytes::<ReceiptWire>(bytes) else {
        return Err(ArtifactError::Malformed { part: "receipt" });
    };
    let ReceiptWire { created_at_millis, fit_millis, calibration_millis, host } = wire;
    if !fit_millis.is_finite() || !calibration_millis.is_finite() {
        return Err(ArtifactError::Inconsistent { part: "receipt" });
    }
    Ok((Receipt { created_at_millis, fit_millis, calibration_millis, host }, later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Artifact;
    use crate::artifact::frame::to_postcard;

    #[test]
    fn a_receipt_is_these_bytes() {
        let host = "tab".to_owned();
        let receipt =
            Receipt { created_at_millis: -2, fit_millis: 1.0, calibration_millis: 0.5, host };
        let bytes = to_postcard(&encode(&receipt));
        // A zigzag varint, two doubles from the least byte on, a length and its text.
        let expected = [&[3][..], &[0, 0, 0, 0, 0, 0, 0xF0, 0x3F], &[0, 0, 0, 0, 0, 0, 0xE0, 0x3F]];
        assert_eq!(bytes, [&expected.concat()[..], b"\x03tab"].concat());
        assert_eq!(decode(&bytes).unwrap(), (receipt, &[][..]));
        let malformed = Err(ArtifactError::Malformed { part: "receipt" });
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), malformed, "cut to {length}");
        }
    }

    #[test]
    fn a_clock_that_gave_nonsense_gives_nothing() {
        let receipt = Receipt { fit_millis: f64::NAN, ..Receipt::default() };
        assert_eq!(decode(&to_postcard(&encode(&receipt))).unwrap().0, Receipt::default());
    }

    /// A Tepal that knows two fields more: this is how they are read.
    fn decode_with_two_more(bytes: &[u8]) -> Result<(Receipt, u64, String), ArtifactError> {
        /// What a file means that ends before the fields.
        const BYTES_BEFORE: u64 = 0;
        let malformed = |_| ArtifactError::Malformed { part: "receipt" };
        let (receipt, mut later) = decode(bytes)?;
        let (mut n_bytes, mut place) = (BYTES_BEFORE, String::new());
        if !later.is_empty() {
            (n_bytes, later) = postcard::take_from_bytes(later).map_err(malformed)?;
        }
        if !later.is_empty() {
            (place, _) = postcard::take_from_bytes(later).map_err(malformed)?;
        }
        Ok((receipt, n_bytes, place))
    }

    #[test]
    fn a_receipt_of_today_is_read_by_a_tepal_that_knows_more_fields() {
        let receipt = Receipt { host: "tab".into(), ..Receipt::default() };
        let today = to_postcard(&encode(&receipt));
        assert_eq!(decode_with_two_more(&today), Ok((receipt.clone(), 0, String::new())));
        let with_one = [today, to_postcard(&77_u64)].concat();
        assert_eq!(decode_with_two_more(&with_one), Ok((receipt, 77, String::new())));
    }

    #[test]
    fn a_receipt_of_more_fields_is_read_today_and_written_back() {
        let receipt = Receipt { created_at_millis: 9, host: "tab".into(), ..Receipt::default() };
        let later = to_postcard(&(77_u64, "Ghent"));
        let bytes = [to_postcard(&encode(&receipt)), later.clone()].concat();
        assert_eq!(decode(&bytes), Ok((receipt.clone(), &later[..])));
        assert_eq!(decode_with_two_more(&bytes), Ok((receipt.clone(), 77, "Ghent".to_owned())));
        // The whole file, with a checksum that fits.
        let content = crate::artifact::frame::open(crate::DEFAULT_ARTIFACT).unwrap().content;
        let file = crate::artifact::frame::close(content, &receipt, &later);
        let model = Artifact::from_bytes(&file).unwrap();
        assert_eq!(model.receipt(), &receipt);
        assert_eq!(model.to_bytes(), file);
        // A new receipt is all of it.
        let again = model.with_receipt(receipt.clone()).to_bytes();
        assert_eq!(again, crate::artifact::frame::close(content, &receipt, &[]));
    }
}
