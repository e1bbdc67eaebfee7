//! A document as PDF: A4, text that can be selected, fonts inside of it with the letters it needs.
//!
//! Letters without a font are replaced, and a line at the foot says so: none of them goes without a word.

mod draw;
mod fonts;
mod paper;

use domain::{AppError, billing::Invoice};

/// Draws a document.
///
/// # Errors
/// [`AppError::Internal`] where a font cannot be read or cut to size; the cause is in the log.
pub(super) fn draw(invoice: &Invoice) -> Result<Vec<u8>, AppError> {
    let fonts = fonts::fonts().ok_or_else(|| {
        tracing::error!("a font of invoices cannot be read");
        AppError::Internal
    })?;
    draw::document(invoice, fonts).map_err(|error| {
        tracing::error!(?error, invoice.number = invoice.head.number, "an invoice cannot be drawn");
        AppError::Internal
    })
}
