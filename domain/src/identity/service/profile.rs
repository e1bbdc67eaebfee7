//! What a person is told about themselves, and what they change of it.

use super::{
    super::{DisplayName, ImpersonatedBy, ProfileChange, Theme, Viewer, credentials::Problems, store},
    step_up::with_providers,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, HalfWayScope, Own},
    audit::{self, Deed},
    organizations,
    platform::zones,
};

/// Who the caller is.
pub async fn me(grant: &Grant<Own>) -> Result<Viewer, AppError> {
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    let viewer = store::viewer(tx.conn(), grant.user(), grant.person().second_factor, platform.now())
        .await?
        .ok_or(AppError::SignInRequired)?;
    let organizations = organizations::service::roles_of(&mut tx, grant.user()).await?;
    tx.commit().await?;
    let step_up = with_providers(grant, viewer.step_up).await?;
    let local_time = zones::local_time(&viewer.time_zone, platform.now());
    let impersonated_by =
        grant.eyes().map(|eyes| ImpersonatedBy { email: eyes.administrator.clone(), until: eyes.until });
    Ok(Viewer { local_time, step_up, impersonated_by, organizations, ..viewer })
}

/// The theme of somebody who is about to come in, for the device they come in with.
pub async fn theme_at_the_door(grant: &Grant<HalfWayScope>) -> Result<Theme, AppError> {
    store::theme_of(grant.platform().db(), grant.user()).await
}

/// Changes what is given and leaves the rest.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field.
pub async fn update_profile(
    grant: &Grant<Own>,
    display_name: Option<String>,
    locale: Option<String>,
    theme: Option<String>,
    time_zone: Option<String>,
) -> Result<(), AppError> {
    let mut problems = Problems::default();
    let display_name = display_name.map(|typed| problems.check("display_name", DisplayName::parse(&typed)));
    let locale = locale.map(|typed| problems.check("locale", locale_of(&typed)));
    let theme = theme.map(|typed| problems.check("theme", Theme::parse(&typed)));
    let time_zone = time_zone.map(|typed| problems.check("time_zone", time_zone_of(&typed)));
    if !problems.is_empty() {
        return Err(problems.into_error());
    }
    let change = ProfileChange {
        display_name: display_name.flatten(),
        locale: locale.flatten(),
        theme: theme.flatten(),
        time_zone: time_zone.flatten(),
    };
    let fields: Vec<&'static str> = [
        change.display_name.as_ref().map(|_| "display_name"),
        change.locale.as_ref().map(|_| "locale"),
        change.theme.map(|_| "theme"),
        change.time_zone.as_ref().map(|_| "time_zone"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fields.is_empty() {
        return Ok(());
    }
    let mut tx = grant.begin().await?;
    store::change_profile(tx.conn(), grant.user(), &change).await?;
    audit::note(&mut tx, Deed::ProfileChanged { user: grant.user(), fields }).await?;
    tx.commit().await
}

/// The languages there are sentences for, as BCP 47 tags. With a second one the profile page offers the choice.
const LOCALES: [&str; 1] = ["en"];

fn locale_of(typed: &str) -> Result<String, FieldIssue> {
    LOCALES.contains(&typed).then(|| typed.to_owned()).ok_or(FieldIssue::NotAnOption)
}

fn time_zone_of(typed: &str) -> Result<String, FieldIssue> {
    let name = typed.trim();
    zones::is_known(name).then(|| name.to_owned()).ok_or(FieldIssue::NotAnOption)
}

/// The time zones that can be chosen, by the alphabet.
#[must_use]
pub fn time_zones(_: &Grant<Own>) -> Vec<String> {
    zones::names().map(str::to_owned).collect()
}
