//! One file for each address of this room.

pub mod webhook;
pub mod webhooks;

pub use webhook::WebhookPage;
pub use webhooks::WebhooksPage;
