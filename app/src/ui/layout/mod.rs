//! The frame around a page. Each page names its own: [`NavShell`] for people who are in, [`CenteredShell`] for the
//! doors (sign-in, registration, letters).

pub mod brand;
pub mod centered_shell;
pub mod nav;
pub mod nav_shell;

pub use brand::Brand;
pub use centered_shell::CenteredShell;
pub use nav::{Crumb, NavGroup, NavItem, Person};
pub use nav_shell::NavShell;
