//! The building blocks of every page: what a button, a field, a table or a dialog looks like and how it behaves.
//!
//! Promises: every part stands on a native element and works before (and without) wasm; no part writes a `style`
//! attribute or an inline handler, so the strict content security policy holds; no part knows a room. Whatever only
//! makes sense once the page is alive (copying, showing a password) stays hidden until `html[data-hydrated]`.
//! The looks are in `style/`; the classes named here are defined there. `/dev/ui` shows each part in each state.

pub mod address;
pub mod avatar;
pub mod badge;
pub mod banner;
pub mod button;
pub mod captcha;
pub mod card;
pub mod chart;
pub mod checkbox;
pub mod checklist;
pub mod code_block;
pub mod confirm_by_typing;
pub mod copy_button;
pub mod details_list;
pub mod dialog;
pub mod empty_state;
pub mod error_summary;
pub mod field;
pub mod filter_bar;
pub mod form;
pub mod form_action;
pub mod form_watch;
pub mod glyph;
pub mod link_button;
pub mod menu;
pub mod newest;
pub mod otp_input;
pub mod page_header;
pub mod pagination;
pub mod passkey;
pub mod password_input;
pub mod read_only;
pub mod route_announcer;
pub mod routing_bar;
pub mod select;
pub mod skeleton;
pub mod skip_link;
pub mod stepper;
pub mod table;
pub mod tabs;
pub mod text_area;
pub mod text_input;
pub mod theme_toggle;
pub mod time_text;
pub mod times_done;
pub mod toast;

/// The frame around a page: with navigation, or a single card in the middle.
pub mod layout;
/// The pages that belong to no room: not found, out of order, the gallery.
pub mod pages;
/// Light, dark, or whatever the device says.
pub mod theme;

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "no_browser.rs"]
pub mod browser;

#[cfg(feature = "hydrate")]
mod captcha_solver;
#[cfg(feature = "hydrate")]
mod captcha_widget;
#[cfg(feature = "hydrate")]
mod captcha_worker;
#[cfg(test)]
mod contrast;
#[cfg(feature = "hydrate")]
mod credentials;
#[cfg(all(test, feature = "ssr"))]
mod rendering;

pub use address::{Address, confirm_path, focus_follows, parameter, sign_in_path, this_page};
pub use avatar::Avatar;
pub use badge::{Badge, Tone};
pub use banner::Banner;
pub use button::{Button, SubmitButton, Weight};
pub use captcha::{Captcha, Checking};
pub use card::Card;
pub use chart::{Bar, BarChart, Gauge};
pub use checkbox::{Checkbox, kept_as};
pub use checklist::{Check, Checklist};
pub use code_block::CodeBlock;
pub use confirm_by_typing::ConfirmByTyping;
pub use copy_button::CopyButton;
pub use details_list::{Detail, DetailsList};
pub use dialog::{Dialog, DialogLink};
pub use empty_state::EmptyState;
pub use error_summary::ErrorSummary;
pub use field::Field;
pub use filter_bar::FilterBar;
pub use form::{DocumentForm, Form, FormState, Hidden};
pub use form_action::FormAction;
pub use form_watch::{Watch, Watched};
pub use glyph::{Glyph, Icon};
pub use layout::{CenteredShell, Crumb, NavGroup, NavItem, NavShell, Person};
pub use link_button::LinkButton;
pub use menu::{Menu, MenuLink};
pub use newest::{answered, answered_with, newest, said, said_in_tone};
pub use otp_input::OtpInput;
pub use page_header::{PageHeader, PageTitle};
pub use pagination::Pagination;
pub use passkey::{Ask, PasskeyButton, Wanted};
pub use password_input::{PasswordInput, Strength};
pub use read_only::ReadOnly;
pub use route_announcer::RouteAnnouncer;
pub use routing_bar::{Routing, RoutingBar};
pub use select::Select;
pub use skeleton::Skeleton;
pub use skip_link::SkipLink;
pub use stepper::Stepper;
pub use table::{Cell, Column, Row, SortOrder, Table};
pub use tabs::{Tab, Tabs};
pub use text_area::TextArea;
pub use text_input::TextInput;
pub use theme_toggle::ThemeToggle;
pub use time_text::{TimeText, tell_time_as};
pub use times_done::times_done;
pub use toast::{ToastRegion, Toasts, provide_toasts, use_toasts};
