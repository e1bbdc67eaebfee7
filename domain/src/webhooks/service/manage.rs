//! Endpoints: made, changed, given another secret, removed.

use uuid::Uuid;

use super::{
    super::{
        Events, MadeWebhook, Missed, WebhookState,
        signing::Secret,
        store::endpoints::{self as store, Held, NewEndpoint, Sealed},
        target,
    },
    PURPOSE, given, read_id,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, Site, SiteAction, Tx},
    admin::service::hold_acting,
    audit::{self, Deed},
    platform::Platform,
    tokens::service::overlap,
};

/// How many endpoints the site can have.
pub const MOST_WEBHOOKS: u32 = 20;
/// The longest description, in characters.
const LONGEST: u32 = 200;

/// What somebody wants to be told, and where; as typed.
#[derive(Clone, Debug, Default)]
pub struct NewWebhook {
    /// An `https` address.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Names of actions and rooms; nothing for all.
    pub actions: Option<String>,
}

/// What is to be different; as typed. What is not there stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// As in [`NewWebhook`].
    pub url: Option<String>,
    /// As in [`NewWebhook`].
    pub description: Option<String>,
    /// As in [`NewWebhook`].
    pub actions: Option<String>,
    /// `active` or `paused`.
    pub state: Option<String>,
    /// What becomes of the events of a pause that ends: `send`, or `skip`.
    pub missed: Option<String>,
}

/// Makes an endpoint, which gets events from now on, its own making among them. Its secret is told in the answer and nowhere
/// else.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for one too many.
pub async fn create(grant: &Grant<Site>, typed: &NewWebhook) -> Result<MadeWebhook, AppError> {
    grant.demand(SiteAction::ChangeWebhooks)?;
    let platform = grant.platform();
    let read = Readings {
        url: Some(target::read(&typed.url, &platform.rules().webhook_reach).map(String::from)),
        description: Some(description(typed.description.as_deref().unwrap_or_default())),
        actions: Some(Events::parse(typed.actions.as_deref().unwrap_or_default())),
    };
    let Read { url, description, actions } = read.all()?;
    let (id, now) = (platform.new_id(), platform.now());
    let (url, actions) = (url.unwrap_or_default(), actions.unwrap_or_default());
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    if store::hold_all(tx.conn()).await? >= i64::from(MOST_WEBHOOKS) {
        let problem = FieldProblem::new("url", FieldIssue::TooMany { max: MOST_WEBHOOKS });
        return Err(AppError::Conflict { errors: vec![problem] });
    }
    let row = NewEndpoint {
        id,
        url: &url,
        description: &description.unwrap_or_default(),
        actions: actions.names(),
        cursor: audit::service::last_number(tx.conn()).await?,
        now,
    };
    store::insert(tx.conn(), &row).await?;
    let (secret, sealed) = sealed(platform);
    store::renew(tx.conn(), id, &sealed, now, None).await?;
    audit::note(&mut tx, Deed::WebhookMade { webhook: id, actions: actions.names().to_vec() }).await?;
    tx.commit().await?;
    Ok(MadeWebhook { id, secret: secret.reveal() })
}

/// Changes an endpoint, pauses or resumes it; true from the next attempt on. Where nothing would be different nothing is
/// done.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] naming each field.
pub async fn update(grant: &Grant<Site>, id: &str, change: &Change) -> Result<(), AppError> {
    grant.demand(SiteAction::ChangeWebhooks)?;
    let id = read_id("id", id)?;
    let reach = &grant.platform().rules().webhook_reach;
    let read = Readings {
        url: change.url.as_deref().map(|url| target::read(url, reach).map(String::from)),
        description: change.description.as_deref().map(description),
        actions: change.actions.as_deref().map(Events::parse),
    };
    let read = read.all()?;
    let state = option("state", change.state.as_deref(), |name| {
        WebhookState::parse(name).filter(|state| matches!(state, WebhookState::Active | WebhookState::Paused))
    })?;
    let missed = option("missed", change.missed.as_deref(), Missed::parse)?.unwrap_or_default();
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    let before = store::hold(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    let resumes = state == Some(WebhookState::Active) && before.state != WebhookState::Active.name();
    let cursor = if resumes && missed == Missed::Skip {
        audit::service::last_number(tx.conn()).await?
    } else {
        before.cursor
    };
    let after = Held {
        url: read.url.unwrap_or_else(|| before.url.clone()),
        description: read.description.unwrap_or_else(|| before.description.clone()),
        actions: read.actions.map_or_else(|| before.actions.clone(), |events| events.names().to_vec()),
        state: state.map_or_else(|| before.state.clone(), |state| state.name().to_owned()),
        cursor,
    };
    let fields = differences(&before, &after);
    if fields.is_empty() {
        return Ok(());
    }
    store::change(tx.conn(), id, &after).await?;
    let state = WebhookState::parse(&after.state).unwrap_or(WebhookState::Paused);
    audit::note(&mut tx, Deed::WebhookChanged { webhook: id, fields, state }).await?;
    tx.commit().await
}

fn differences(before: &Held, after: &Held) -> Vec<&'static str> {
    let all = [
        ("url", before.url != after.url),
        ("description", before.description != after.description),
        ("actions", before.actions != after.actions),
        ("state", before.state != after.state),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Gives an endpoint a new secret. For the overlap the old one signs as well, so that its receiver can change over.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for the overlap.
pub async fn rotate(grant: &Grant<Site>, id: &str, overlap_s: Option<&str>) -> Result<MadeWebhook, AppError> {
    grant.demand(SiteAction::ChangeWebhooks)?;
    let (id, overlap) = (read_id("id", id)?, overlap(overlap_s)?);
    let (platform, now) = (grant.platform(), grant.platform().now());
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    store::hold(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    let (secret, sealed) = sealed(platform);
    let until = (!overlap.is_zero()).then_some(now + overlap);
    store::renew(tx.conn(), id, &sealed, now, until).await?;
    let deed = Deed::WebhookSecretRotated { webhook: id, overlap_s: overlap.as_secs() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(MadeWebhook { id, secret: secret.reveal() })
}

/// Removes an endpoint with everything that waits for it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn end(grant: &Grant<Site>, id: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::ChangeWebhooks)?;
    let id = read_id("id", id)?;
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    store::hold(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    store::end(tx.conn(), id).await?;
    audit::note(&mut tx, Deed::WebhookRemoved { webhook: id }).await?;
    tx.commit().await
}

/// A new secret, and what is kept of it.
fn sealed(platform: &Platform) -> (Secret, Sealed) {
    let (id, secret) = (platform.new_id(), Secret::fresh());
    let sealed = platform.vault().seal(PURPOSE, id, secret.bytes());
    (secret, Sealed { id, sealed })
}

/// Each field as it could be read, where it was given.
struct Readings {
    url: Option<Result<String, FieldIssue>>,
    description: Option<Result<String, FieldIssue>>,
    actions: Option<Result<Events, FieldIssue>>,
}

/// Each field, where it was given.
struct Read {
    url: Option<String>,
    description: Option<String>,
    actions: Option<Events>,
}

impl Readings {
    /// All of them, or every problem at once.
    fn all(self) -> Result<Read, AppError> {
        let Self { url, description, actions } = self;
        match (url.transpose(), description.transpose(), actions.transpose()) {
            (Ok(url), Ok(description), Ok(actions)) => Ok(Read { url, description, actions }),
            (url, description, actions) => {
                let problems = [
                    url.err().map(|issue| FieldProblem::new("url", issue)),
                    description.err().map(|issue| FieldProblem::new("description", issue)),
                    actions.err().map(|issue| FieldProblem::new("actions", issue)),
                ];
                Err(AppError::InvalidInput { errors: problems.into_iter().flatten().collect() })
            }
        }
    }
}

fn description(typed: &str) -> Result<String, FieldIssue> {
    let text = typed.trim();
    if text.chars().count() > LONGEST as usize {
        return Err(FieldIssue::TooLong { max: LONGEST });
    }
    if text.chars().any(char::is_control) {
        return Err(FieldIssue::ControlCharacter);
    }
    Ok(text.to_owned())
}

fn option<T>(
    field: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, AppError> {
    given(text)
        .map(|text| parse(text).ok_or_else(|| AppError::invalid(field, FieldIssue::NotAnOption)))
        .transpose()
}

/// The endpoint that a delivery belongs to must still be there.
pub(super) async fn must_exist(tx: &mut Tx, id: Uuid) -> Result<(), AppError> {
    store::hold(tx.conn(), id).await?.map(drop).ok_or(AppError::NotFound)
}
