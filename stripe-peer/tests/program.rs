//! The program, which tests in other languages start.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
};

#[test]
fn the_program_says_where_it_listens() {
    let mut program =
        Command::new(env!("CARGO_BIN_EXE_stripe-peer")).stdout(Stdio::piped()).spawn().expect("starts");
    let mut line = String::new();
    let mut said = BufReader::new(program.stdout.take().expect("its words"));
    said.read_line(&mut line).expect("a line");
    let connected = TcpStream::connect(line.trim().trim_start_matches("http://"));
    program.kill().expect("ends");
    program.wait().expect("ends");
    assert!(connected.is_ok(), "{line}: {connected:?}");
}
