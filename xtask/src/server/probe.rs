//! Is a port taken, and does a server answer on it?

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::Duration;

/// wrangler on a busy machine answers after 5 to 20 s; past this it has failed and said why.
const PATIENCE_SECS: u64 = 180;

/// Whether something listens on `port` of the loopback address.
///
/// Windows lets two programs bind one port, so a connection is tried too.
pub(crate) fn is_taken(port: u16) -> bool {
    let address = address(port);
    TcpListener::bind(address).is_err()
        || TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
}

/// Waits until `/` on `port` is answered with 200; false if that does not come about, or
/// if the program that started this one has ended.
pub(crate) fn wait(port: u16) -> bool {
    let parent = parent_id();
    for _ in 0..PATIENCE_SECS * 4 {
        if answers(port).unwrap_or(false) {
            return true;
        }
        if parent_id() != parent {
            return false;
        }
        sleep(Duration::from_millis(250));
    }
    false
}

/// Whether a GET of `/` is answered with 200.
fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address(port), Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // In one piece: a server may answer and close as soon as it has read the first.
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The parent's process id; it changes when the parent ends.
#[cfg(unix)]
fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Windows does not tell, and there the parent waits for wrangler anyway.
#[cfg(not(unix))]
fn parent_id() -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind(address(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn a_port_is_taken_while_somebody_listens() {
        let (listener, port) = listener();
        assert!(is_taken(port));
        drop(listener);
        assert!(!is_taken(port));
    }

    #[test]
    fn only_a_200_counts_as_an_answer() {
        for (reply, expected) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 No\r\n\r\n", false)]
        {
            let (listener, port) = listener();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 512];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(reply.as_bytes()).unwrap();
            });
            assert_eq!(answers(port).unwrap(), expected);
            server.join().unwrap();
        }
    }
}
