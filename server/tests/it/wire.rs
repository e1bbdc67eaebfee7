//! A wire to Postgres that breaks once, at the worst moment: around the commit of what a request does.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::{
    PgPool,
    postgres::{PgPoolOptions, PgSslMode},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// The message `Query` with the text `COMMIT` (PostgreSQL, "Message Formats").
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";

/// When the wire breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the database hears of the commit.
    BeforeCommit,
    /// When it has committed, and before anybody is told.
    AfterCommit,
}

/// What the next transaction with this statement in it meets.
type Armed = Arc<Mutex<Option<(&'static [u8], Cut)>>>;

/// Stands between a pool and its database.
pub(crate) struct Wire {
    /// The way to the database through it.
    pub(crate) db: PgPool,
    armed: Armed,
}

impl Wire {
    /// Lays a wire to the database of this pool.
    pub(crate) async fn to(db: &PgPool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let options = db.connect_options();
        let far = (options.get_host().to_owned(), options.get_port());
        let near = (*options).clone().host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
        let armed = Armed::default();
        let of_all = armed.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (far, armed) = (far.clone(), of_all.clone());
                // Whatever breaks here is what the server has to live with.
                tokio::spawn(async move { carry(near, far, &armed).await.ok() });
            }
        });
        Self { db: PgPoolOptions::new().max_connections(5).connect_lazy_with(near), armed }
    }

    /// Breaks in the next transaction that sends this statement.
    pub(crate) fn cut(&self, statement: &'static str, cut: Cut) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some((statement.as_bytes(), cut));
    }

    /// Whether it has broken since it was told to.
    pub(crate) fn is_cut(&self) -> bool {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

async fn carry(mut near: TcpStream, far: (String, u16), armed: &Armed) -> io::Result<()> {
    let mut far = TcpStream::connect(far).await?;
    let (mut asked, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut is_the_one = false;
    loop {
        tokio::select! {
            read = near.read(&mut asked) => {
                let part = asked.get(..read?).unwrap_or_default();
                if part.is_empty() {
                    return Ok(());
                }
                match meets(part, armed, &mut is_the_one) {
                    Some(Cut::BeforeCommit) => return Ok(()),
                    Some(Cut::AfterCommit) => {
                        far.write_all(part).await?;
                        return far.read(&mut told).await.map(drop);
                    }
                    None => far.write_all(part).await?,
                }
            }
            read = far.read(&mut told) => {
                let part = told.get(..read?).unwrap_or_default();
                if part.is_empty() {
                    return Ok(());
                }
                near.write_all(part).await?;
            }
        }
    }
}

/// What happens to these bytes: nothing, or what was armed.
fn meets(part: &[u8], armed: &Armed, is_the_one: &mut bool) -> Option<Cut> {
    let mut armed = armed.lock().unwrap_or_else(PoisonError::into_inner);
    let (statement, cut) = (*armed)?;
    *is_the_one |= has(part, statement);
    if *is_the_one && has(part, COMMIT) {
        *armed = None;
        return Some(cut);
    }
    None
}

fn has(part: &[u8], words: &[u8]) -> bool {
    part.windows(words.len()).any(|window| window == words)
}
