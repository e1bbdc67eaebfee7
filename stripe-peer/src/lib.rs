//! A stand-in for Stripe in tests: the part of its interface that Gatehouse uses, in memory.
//!
//! It knows customers, cards, prices, meters, subscriptions with proration, schedules, invoices, checkout and portal pages,
//! test clocks and events; it keeps idempotency keys as Stripe does, refuses parameters that Stripe would not know, and builds
//! in the faults and the disorder that a network has. It shares no code with what it tests.
//! Promise: what it answers, the official clients of Stripe read; `end2end/voices/stripe_*` says so.

#![recursion_limit = "256"]

mod api;
mod calendar;
mod control;
mod faults;
mod http_api;
mod pages;
mod params;
mod refusal;
mod webhooks;
mod world;

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

pub use faults::Fault;
pub use webhooks::{Disorder, Endpoint, sign};

use faults::Planned;
use http_api::Kept;
use world::World;

/// A running peer. Cheap to clone; it ends with the process, or with the runtime of its test.
#[derive(Clone)]
pub struct Peer {
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
}

#[derive(Default)]
struct Inner {
    world: World,
    /// Answers by idempotency key.
    keys: HashMap<String, Kept>,
    faults: Vec<Planned>,
    endpoint: Option<Endpoint>,
    /// How many events the endpoint has been told, or never will be.
    told: usize,
    /// Every call, such as `POST /v1/customers`.
    calls: Vec<String>,
    /// What rings when an answer that is held is released.
    held: HashMap<usize, Arc<Notify>>,
    /// What is read stands as it did when so many things had happened; as it does, where nothing is said.
    moment: Option<usize>,
}

impl Inner {
    fn bell(&mut self, number: usize) -> Arc<Notify> {
        Arc::clone(self.held.entry(number).or_default())
    }
}

impl Peer {
    /// Starts one.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub async fn start(listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let peer = Self { inner: Arc::default(), address: listener.local_addr()? };
        peer.lock().world.address = peer.url();
        let router = Router::new().fallback(http_api::serve).with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::spawn(webhooks::tell_as_it_happens(peer.clone()));
        Ok(peer)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Builds faults into the next calls whose method and path begin so, one after the other. An empty beginning is every
    /// call.
    pub fn fail(&self, beginning: &str, faults: impl IntoIterator<Item = Fault>) {
        let planned = faults.into_iter().map(|fault| Planned { beginning: beginning.to_owned(), fault });
        self.lock().faults.extend(planned);
    }

    /// Faults that were planned do not happen.
    pub fn recover(&self) {
        self.lock().faults.clear();
    }

    /// Lets the answer go that is, or will be, [held](Fault::Held) under this number.
    pub fn release(&self, number: usize) {
        self.lock().bell(number).notify_one();
    }

    /// From now on whoever reads an object sees it as it stood when the first so many events had happened: what they see is
    /// what somebody saw who asked then. Nothing for what there is.
    pub fn stand_at(&self, moment: Option<usize>) {
        self.lock().moment = moment;
    }

    /// Tells events to this endpoint from now on.
    pub fn tell(&self, endpoint: Endpoint) {
        let mut inner = self.lock();
        inner.told = inner.world.events.len();
        inner.endpoint = Some(endpoint);
    }

    /// Everything that happened so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.lock().world.events.clone()
    }

    /// An object as it stands.
    #[must_use]
    pub fn object(&self, id: &str) -> Option<Value> {
        self.lock().world.any(id).cloned()
    }

    /// An object is as it is described from now on, as only Stripe itself could make it. Nobody is told.
    pub fn put(&self, object: Value) {
        self.lock().world.put(object);
    }

    /// Every call so far, such as `POST /v1/customers`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    /// Does what a call would, without HTTP, keys and faults: `("POST", "customers", …)`. Leaves of the parameters are texts.
    ///
    /// # Errors
    /// What is answered instead.
    pub fn call(&self, method: &str, path: &str, params: &Value) -> Result<Value, Value> {
        let path: Vec<&str> = path.split('/').collect();
        api::answer(&mut self.lock().world, method, &path, params).map_err(|refusal| refusal.body())
    }

    /// A person types the number of a card on a page of checkout; answers where they go on.
    ///
    /// # Errors
    /// What the page says instead.
    pub fn check_out(&self, session: &str, card: &str) -> Result<String, Value> {
        let done = api::sessions::complete_checkout(&mut self.lock().world, session, card);
        done.map_err(|refusal| refusal.body())
    }

    /// A day goes by: keys are kept no longer.
    pub fn forget_keys(&self) {
        self.lock().keys.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
