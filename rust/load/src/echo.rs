//! The canary: what sockets, kernel and scheduler cost, and nothing else.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use crate::error::LoadError;
use crate::http2::Answer;
use crate::socket::Socket;

const QUESTION: usize = 64;
const ANSWER: usize = 128;

/// Answers on a free port until it is ended; a thread each connection, which blocks.
pub fn serve() -> Result<(), LoadError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(LoadError::io("listen"))?;
    let address = listener.local_addr().map_err(LoadError::io("listen"))?;
    println!("port {}", address.port());
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

/// A client of [`serve`]: questions in a row, answers in the same order.
pub(crate) struct EchoConnection {
    pub(crate) socket: Socket,
    tokens: VecDeque<u64>,
    input: Vec<u8>,
}

impl EchoConnection {
    pub(crate) fn new(socket: Socket) -> EchoConnection {
        EchoConnection {
            socket,
            tokens: VecDeque::new(),
            input: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn call(&mut self, token: u64) {
        self.tokens.push_back(token);
        self.socket
            .out()
            .extend_from_slice(&[token as u8; QUESTION]);
    }

    pub(crate) fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        self.socket.receive(&mut self.input)?;
        let complete = self.input.len() / ANSWER;
        for answer in self.input.chunks_exact(ANSWER) {
            let token = self.tokens.pop_front();
            let token = token.filter(|&token| answer.iter().all(|&byte| byte == token as u8));
            let token = token.ok_or_else(|| LoadError::WrongAnswer("another echo".to_owned()))?;
            answers.push(Answer {
                token,
                body: Vec::new(),
            });
        }
        self.input.drain(..complete * ANSWER);
        Ok(())
    }
}
