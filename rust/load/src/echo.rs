//! The canary: what sockets, kernel and scheduler cost, and nothing else.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use crate::error::LoadError;
use crate::http2::Answer;
use crate::socket::Socket;

const QUESTION: usize = 64;
const ANSWER: usize = 128;
/// Read at a time.
const READ: usize = 64 * ANSWER;

/// Answers on a free port until it is ended: a thread for each connection, which blocks; or one that never sleeps, for all.
pub fn serve(spins: bool) -> Result<(), LoadError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(LoadError::io("listen"))?;
    let address = listener.local_addr().map_err(LoadError::io("listen"))?;
    println!("port {}", address.port());
    if spins {
        return spin(&listener);
    }
    for stream in listener.incoming() {
        let stream = stream.map_err(LoadError::io("accept"))?;
        // It ends with the connection, whatever the reason.
        thread::spawn(move || answer(stream));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut question = [0; QUESTION];
    loop {
        stream.read_exact(&mut question)?;
        stream.write_all(&[question[0]; ANSWER])?;
    }
}

/// Looks at all connections in turn, for ever.
fn spin(listener: &TcpListener) -> Result<(), LoadError> {
    listener
        .set_nonblocking(true)
        .map_err(LoadError::io("listen"))?;
    let mut clients = Vec::new();
    loop {
        if let Ok((stream, _)) = listener.accept() {
            let set_up = stream.set_nodelay(true);
            set_up
                .and_then(|()| stream.set_nonblocking(true))
                .map_err(LoadError::io("accept"))?;
            clients.push((stream, [0; QUESTION], 0));
        }
        clients.retain_mut(|(stream, question, filled)| {
            match stream.read(&mut question[*filled..]) {
                Ok(0) => return false,
                Ok(read) => *filled += read,
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
            if *filled < QUESTION {
                return true;
            }
            *filled = 0;
            // Its client reads; a socket's buffer has room for thousands of answers.
            stream.write_all(&[question[0]; ANSWER]).is_ok()
        });
    }
}

/// A client of [`serve`]: questions in a row, answers in the same order.
pub(crate) struct EchoConnection {
    pub(crate) socket: Socket,
    tokens: VecDeque<u64>,
    input: Vec<u8>,
    out: Vec<u8>,
}

impl EchoConnection {
    pub(crate) fn new(socket: Socket) -> EchoConnection {
        EchoConnection {
            socket,
            tokens: VecDeque::new(),
            input: Vec::new(),
            out: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn call(&mut self, token: u64) {
        self.tokens.push_back(token);
        self.out.extend_from_slice(&[token as u8; QUESTION]);
    }

    pub(crate) fn flush(&mut self) -> Result<(), LoadError> {
        let sent = self.socket.write(&self.out)?;
        self.out.drain(..sent);
        Ok(())
    }

    pub(crate) fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        let mut room = [0; READ];
        let read = self.socket.read(&mut room)?;
        self.input.extend_from_slice(&room[..read]);
        let complete = self.input.len() / ANSWER;
        for answer in self.input.chunks_exact(ANSWER) {
            let token = self.tokens.pop_front();
            let token = token.filter(|&token| answer.iter().all(|&byte| byte == token as u8));
            let token = token.ok_or_else(|| LoadError::WrongAnswer("another echo".to_owned()))?;
            answers.push(Answer {
                token,
                body: Vec::new(),
                failure: None,
            });
        }
        self.input.drain(..complete * ANSWER);
        Ok(())
    }
}
