//! The operation that makes a copy, step by step.

use serde_json::{Value, json};

use super::{
    super::super::{
        account_letters::{self, AccountNews},
        store,
    },
    KEPT,
    pieces::Pieces,
};
use crate::{
    AppError,
    audit::{self, Deed, service::CopyWalk},
    billing, federation,
    operations::{
        self,
        service::{Doing, Done, Trouble, Turn, Work},
    },
    organizations,
    platform::{letters::outbox, zones},
    second_factor, sessions, tokens,
};

/// What the rooms hold.
const GATHER: &str = "gather";
/// What the trail says.
const TRAIL: &str = "trail";
/// From here on it is there.
const PUBLISH: &str = "publish";
/// The most entries of the trail, so that a copy has an end; the newest ones, and it says so where there are more.
const MOST_ENTRIES: usize = 20_000;

/// Copies of what the site holds about somebody.
pub struct MakeDataExport;

impl Work for MakeDataExport {
    fn kind(&self) -> &'static str {
        "data-export"
    }

    fn steps(&self) -> &'static [&'static str] {
        &[GATHER, TRAIL, PUBLISH]
    }

    fn step<'a>(&'a self, turn: &'a Turn, step: &'a str) -> Doing<'a> {
        match step {
            GATHER => Box::pin(gather(turn)),
            TRAIL => Box::pin(trail(turn)),
            PUBLISH => Box::pin(publish(turn)),
            unknown => Box::pin(async move {
                tracing::error!(step = unknown, "a copy of data has no such step");
                Err(Trouble::Failed(AppError::Internal))
            }),
        }
    }

    fn undo<'a>(&'a self, turn: &'a Turn) -> Doing<'a> {
        Box::pin(async move {
            let mut done = turn.finish().await?;
            store::forget_pieces(done.tx().conn(), turn.operation()).await?;
            Ok(done)
        })
    }
}

/// The beginning of the file: who it is about, and what each room holds.
async fn gather(turn: &Turn) -> Result<Done, Trouble> {
    let (platform, user) = (turn.platform(), turn.user());
    let mut done = turn.finish().await?;
    let tx = done.tx();
    let mut held = store::copy_of(tx.conn(), user).await?.ok_or(Trouble::Lost)?;
    let about = json!({
        "format": "gatehouse-account-1",
        "made_at": platform.now(),
        "site": platform.rules().public_url,
    });
    for more in [
        about,
        sessions::service::copy_of(tx, user).await?,
        second_factor::copy_of(tx, user).await?,
        federation::service::copy_of(tx, user).await?,
        tokens::service::copy_of(tx, user).await?,
        organizations::service::copy_of(tx, user).await?,
        billing::service::copy_of(tx, user).await?,
        billing::stripe::inbox::copy_of(tx, user).await?,
        operations::service::copy_of(tx, user).await?,
    ] {
        if let (Some(held), Value::Object(more)) = (held.as_object_mut(), more) {
            held.extend(more);
        }
    }
    let text = held.to_string();
    // The object is left open for what the trail says.
    let open = text.strip_suffix('}').unwrap_or(&text);
    let mut pieces = Pieces::from(platform, turn.operation(), 0);
    pieces.put(tx, &format!("{open},\n\"audit_entries\":[")).await?;
    pieces.end(tx).await?;
    Ok(done)
}

/// The number of the first piece of the trail, behind that of the beginning.
const FIRST_OF_TRAIL: i32 = 1;

/// What the trail says of them, the newest first, and the end of the file.
async fn trail(turn: &Turn) -> Result<Done, Trouble> {
    let mut done = turn.finish().await?;
    let tx = done.tx();
    let mut pieces = Pieces::from(turn.platform(), turn.operation(), FIRST_OF_TRAIL);
    let mut walk = CopyWalk::about(turn.user());
    let mut count = 0;
    let is_whole = loop {
        let page = walk.next_page(tx).await?;
        if page.is_empty() {
            break true;
        }
        if count >= MOST_ENTRIES {
            break false;
        }
        for entry in page {
            let comma = if count == 0 { "\n" } else { ",\n" };
            let entry = serde_json::to_string(&entry).unwrap_or_default();
            pieces.put(tx, &format!("{comma}{entry}")).await?;
            count += 1;
        }
    };
    pieces.put(tx, &format!("\n],\"audit_entries_whole\":{is_whole}}}\n")).await?;
    pieces.end(tx).await?;
    Ok(done)
}

/// Makes the copy the one that can be taken away, in the place of an earlier one, and tells its owner.
async fn publish(turn: &Turn) -> Result<Done, Trouble> {
    let (platform, user, operation) = (turn.platform(), turn.user(), turn.operation());
    let now = platform.now();
    let mut done = turn.finish().await?;
    let tx = done.tx();
    let account = store::by_id(tx.conn(), user).await?.ok_or(Trouble::Lost)?;
    // One copy is enough.
    store::forget_other_exports(tx.conn(), user, operation).await?;
    store::put_export(tx.conn(), operation, user, now, now + KEPT).await?;
    let news = AccountNews::DataReady(zones::told(&account.time_zone, now + KEPT));
    outbox::put(platform, tx, account_letters::write(platform, &account.email, &news)).await?;
    audit::note(tx, Deed::DataExported { user, operation }).await?;
    Ok(done)
}
