//! How the process ends: what has begun is finished, and a second signal waits for nothing.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A request of which the last byte is missing.
const BEGUN: &str = "POST /api/v1/identity/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                     Connection: close\r\nContent-Length: 2\r\n\r\n{";

/// The program itself, without its stores, which it does not need to start. Killed when it is dropped.
struct Process {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Process {
    async fn start() -> Self {
        let folder = tempfile::TempDir::new().expect("a folder");
        let (address, metrics) = (free_address(), free_address());
        let child = Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .arg("serve")
            .env_clear()
            .env("GATEHOUSE_PROFILE", "development")
            .env("GATEHOUSE_HTTP_LISTEN", address.to_string())
            .env("GATEHOUSE_HTTP_METRICS_LISTEN", metrics.to_string())
            .env("GATEHOUSE_HTTP_BODY_TIMEOUT", "10m")
            .env("GATEHOUSE_HTTP_REQUEST_TIMEOUT", "10m")
            // Port 1 belongs to nobody.
            .env("GATEHOUSE_DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
            .env("GATEHOUSE_MAIL_FOLDER", folder.path().join("mail"))
            .env("GATEHOUSE_SECRETS_FOLDER", folder.path().join("secrets"))
            .current_dir(folder.path())
            .env("GATEHOUSE_LOG_FILTER", "debug")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let process = Self { child, address, _folder: folder };
        process.until_it("listens", |connected| connected).await;
        process
    }

    async fn until_it(&self, becomes: &str, is_so: impl Fn(bool) -> bool) {
        let begun = Instant::now();
        while !is_so(TcpStream::connect(self.address).await.is_ok()) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it {becomes}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A request that is under way.
    async fn begin(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connects");
        stream.write_all(BEGUN.as_bytes()).await.expect("sends");
        // Sent is not yet read; nothing outside shows when it is.
        tokio::time::sleep(Duration::from_millis(300)).await;
        stream
    }

    fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(status.success());
    }

    async fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("an address")
}

#[tokio::test]
async fn what_has_begun_is_finished() {
    let mut process = Process::start().await;
    let mut begun = process.begin().await;
    process.terminate();
    process.until_it("stops listening", |connected| !connected).await;
    assert!(process.ended(Duration::from_secs(1)).await.is_none(), "a request is under way");
    begun.write_all(b"}").await.expect("sends");
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.contains("application/problem+json"), "{answer}");
    let status = process.ended(Duration::from_secs(10)).await.expect("ends");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_second_signal_waits_for_nothing() {
    let mut process = Process::start().await;
    let _begun = process.begin().await;
    process.terminate();
    process.until_it("stops listening", |connected| !connected).await;
    assert!(process.ended(Duration::from_secs(1)).await.is_none(), "a request is under way");
    process.terminate();
    let status = process.ended(Duration::from_secs(10)).await.expect("ends at once");
    assert!(status.success(), "{status}");
}
