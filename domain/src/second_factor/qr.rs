//! A QR code as SVG, drawn on the server so that the browser loads no library for it.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::AppError;

/// The picture: black on white with its quiet zone, whatever the theme, because cameras need the contrast.
///
/// # Errors
/// [`AppError::Internal`] when the text is longer than a code can hold.
pub(super) fn svg(text: &str) -> Result<String, AppError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| {
        tracing::error!(%error, "drawing a QR code");
        AppError::Internal
    })?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    // The XML declaration has no place inside an HTML document.
    Ok(drawn.split_once("?>").map_or(drawn.as_str(), |(_, picture)| picture).to_owned())
}
