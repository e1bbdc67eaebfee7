//! The pages that belong to no room.

pub mod failed;
pub mod gallery;
pub mod not_found;

pub use failed::FailedPage;
pub use gallery::GalleryPage;
pub use not_found::NotFoundPage;
