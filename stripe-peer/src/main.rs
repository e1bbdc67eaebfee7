//! `stripe-peer [ADDRESS]`: listens there, or on a free port of this machine, and says where.
#![expect(clippy::print_stdout, reason = "whoever starts it reads the address")]

use std::{error::Error, future::pending, net::SocketAddr};

use stripe_peer::Peer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listen: SocketAddr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    println!("{}", Peer::start(listen).await?.url());
    pending().await
}
