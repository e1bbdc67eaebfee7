//! `stripe-peer [ADDRESS [ENDPOINT]]`: listens there, or on a free port of this machine, says where, and tells the endpoint what
//! happens, signed as in development.
#![expect(clippy::print_stdout, reason = "whoever starts it reads the address")]

use std::{error::Error, future::pending, net::SocketAddr};

use stripe_peer::{Endpoint, Peer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let listen: SocketAddr = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let peer = Peer::start(listen).await?;
    if let Some(url) = arguments.next() {
        peer.tell(Endpoint { url, secret: "whsec_development".to_owned(), events: None, is_held: false });
    }
    println!("{}", peer.url());
    pending().await
}
