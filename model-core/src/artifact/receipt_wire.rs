//! The receipt as it stands in a file of any format: the frame's, not the content's, so it has not
//! changed since format 1.

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

pub(super) fn decode(bytes: &[u8]) -> Result<Receipt, ArtifactError> {
    let Ok((wire, [])) = postcard::take_from_bytes::<ReceiptWire>(bytes) else {
        return Err(ArtifactError::Malformed { part: "receipt" });
    };
    let ReceiptWire { created_at_millis, fit_millis, calibration_millis, host } = wire;
    if !fit_millis.is_finite() || !calibration_millis.is_finite() {
        return Err(ArtifactError::Inconsistent { part: "receipt" });
    }
    Ok(Receipt { created_at_millis, fit_millis, calibration_millis, host })
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(decode(&bytes).unwrap(), receipt);
        let malformed = Err(ArtifactError::Malformed { part: "receipt" });
        assert_eq!(decode(&bytes[..20]), malformed);
    }

    #[test]
    fn a_clock_that_gave_nonsense_gives_nothing() {
        let receipt = Receipt { fit_millis: f64::NAN, ..Receipt::default() };
        assert_eq!(decode(&to_postcard(&encode(&receipt))).unwrap(), Receipt::default());
    }
}
