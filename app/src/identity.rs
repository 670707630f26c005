//! Names that nobody else gives: made here, at the edge of the page, and arguments everywhere else.

/// 32 hex digits of chance.
pub(crate) fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let is_drawn =
        crypto.is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !is_drawn {
        bytes.fill_with(|| (256.0 * js_sys::Math::random()) as u8);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
