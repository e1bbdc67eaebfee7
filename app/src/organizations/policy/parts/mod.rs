//! Parts of the page of the policy.

pub mod policy_form;

pub use policy_form::policy_form;
