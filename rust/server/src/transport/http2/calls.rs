//! The calls of one connection that are not answered in their turn: a task for each, and what waits to be
//! sent of its answer.

use std::collections::{HashMap, VecDeque};
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Request, Response, StatusCode};
use http_body::Body;
use tokio::sync::{mpsc, Notify};
use tokio::task::{AbortHandle, JoinSet};
use venice_http2::{Answers, Bodies, Call, Field};

use crate::grpc::body::trailers;
use crate::response::place::Place;
use crate::transport::handler::{Found, Handler, Reply};
use crate::transport::http2::fields::{of_response, Fields, BEHIND, FRONT};
use crate::transport::http2::output::Output;
use crate::transport::http2::pieces::{Pieces, SHORTEST};
use crate::transport::http2::request_body::{Inbox, RequestBody, Wanting};

/// A task that has handed over so much of its answer waits until some of it was sent.
const AHEAD_BYTES: usize = 64 * 1024;
/// What an answer sends before the next one's turn.
const TURN_BYTES: usize = 16 * 1024;

/// Room for calls that is kept however few are open.
const KEPT_CALLS: usize = 32;

/// Calls that are not over.
pub(super) struct Calls<H: Handler> {
    handler: Arc<H>,
    open: HashMap<u32, Open>,
    /// Streams whose answers wait to be sent.
    waiting: VecDeque<u32>,
    /// Broken off when it is dropped.
    tasks: JoinSet<()>,
    sender: mpsc::UnboundedSender<Part<H::Body>>,
    parts: mpsc::UnboundedReceiver<Part<H::Body>>,
    wanting: Arc<Wanting>,
    last: Group,
    /// Whether tasks wake the connection when they have something for it.
    is_watched: bool,
}

/// Calls that were prepared for together.
#[derive(Default)]
struct Group {
    calls: usize,
    /// How many of them were answered at once, from memory.
    at_once: usize,
}

struct Open {
    task: Option<AbortHandle>,
    /// Where its body goes, if that comes in pieces; and whether the client has sent all of it.
    inbox: Option<Arc<Inbox>>,
    request_ended: bool,
    /// What waits to be sent. The bytes are counted as long as they are here.
    outgoing: VecDeque<Bytes>,
    /// What ends the answer, once all of it is here.
    trailers: Option<HeaderMap>,
    ahead: Arc<Ahead>,
}

/// Bytes of an answer that its task has handed over and that were not sent.
#[derive(Debug, Default)]
struct Ahead {
    bytes: AtomicUsize,
    less: Notify,
}

impl Ahead {
    async fn room(&self) {
        while self.bytes.load(Ordering::Relaxed) >= AHEAD_BYTES {
            self.less.notified().await;
        }
    }

    fn sent(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.less.notify_one();
    }
}

/// A part of an answer, from its task.
enum Part<B> {
    Message(Call, Bytes),
    /// One of which all is here.
    Whole(Call, Box<Response<B>>),
    Begin(Call, StatusCode, HeaderMap, bool),
    Data(u32, Bytes),
    End(u32, HeaderMap),
}

impl<H: Handler> Calls<H> {
    pub(super) fn new(handler: Arc<H>) -> Calls<H> {
        let (sender, parts) = mpsc::unbounded_channel();
        Calls {
            handler,
            open: HashMap::new(),
            waiting: VecDeque::new(),
            tasks: JoinSet::new(),
            sender,
            parts,
            wanting: Arc::default(),
            last: Group::default(),
            is_watched: false,
        }
    }

    /// Who answers.
    #[inline]
    pub(super) fn handler(&self) -> &H {
        &self.handler
    }

    /// Takes note of so many calls that are answered next; whether it pays to prepare for them: not for calls like those before,
    /// if most of these were not answered at once, but refused, or sent to the disk. So what is refused stays cheap.
    #[inline]
    pub(super) fn prepare(&mut self, calls: usize) -> bool {
        let pays = 2 * self.last.at_once >= self.last.calls;
        self.last = Group { calls, at_once: 0 };
        pays
    }

    /// Whether tasks have begun, and nobody would hear of them: [`Calls::poll`] has to be called.
    #[inline]
    pub(super) fn wants_a_look(&self) -> bool {
        !self.is_watched && !self.tasks.is_empty()
    }

    /// Answers a call of which all is here; in the connection's output, if that has room. `prepared` is as for
    /// [`Handler::at_once`].
    pub(super) fn whole(
        &mut self,
        call: &Call,
        prepared: (&H::Prepared<'_>, usize),
        bodies: Bodies<'_>,
        fields: &Fields,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        let body = bodies.of(call);
        if let Some(path) = fields.unary(&call.head) {
            let deadline = Fields::deadline(&call.head);
            let mut started = None;
            let most = output.of_next(answers);
            if most > 0 {
                let before = answers.waiting();
                let write = |out: &mut Vec<u8>, most| {
                    let place = Place::at_end(out, most);
                    let answered = H::at_once(&self.handler, path, deadline, body, prepared, place);
                    answered.map_err(|begun| started = begun).is_ok()
                };
                if answers.answer_at_once(call, &FRONT, most, write, &BEHIND) {
                    output.note(Some(answers.waiting() - before));
                    self.last.at_once += 1;
                    return;
                }
                output.note(None);
            }
            let (handler, body) = (Arc::clone(&self.handler), Bytes::copy_from_slice(body));
            let answer = H::unary(handler, path, deadline, body, started);
            self.start(*call, None, answer, output, answers);
        } else {
            if fields.plain_get(&call.head) && body.is_empty() {
                // What windows do not allow is written later, and counted by then.
                let most = output.of_next(answers).min(answers.at_once(call));
                let deadline = Fields::deadline(&call.head);
                match H::found(&self.handler, deadline, prepared, most) {
                    Some(Found::Answer(response)) => {
                        self.last.at_once += 1;
                        return self.whole_response(call, response, output, answers);
                    }
                    Some(Found::GoesOn(answer)) => {
                        return self.start(*call, None, answer, output, answers);
                    }
                    None => {}
                }
            }
            let (handler, body) = (Arc::clone(&self.handler), Bytes::copy_from_slice(body));
            let body = RequestBody::whole(body);
            let request = fields.request(&call.head, bodies.path_of(call), body);
            self.start(*call, None, answer::<H>(handler, request), output, answers);
        }
    }

    /// Answers a call whose body comes in pieces.
    pub(super) fn open(
        &mut self,
        call: Call,
        path: Option<&[u8]>,
        fields: &Fields,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        let inbox = Inbox::new(call.stream, &self.wanting);
        let body = RequestBody::pieces(&inbox);
        let request = fields.request(&call.head, path, body);
        let answer = answer::<H>(Arc::clone(&self.handler), request);
        self.start(call, Some(inbox), answer, output, answers);
    }

    /// Answers a call: now, if nothing has to be waited for. So those that are refused cost no task.
    fn start(
        &mut self,
        call: Call,
        inbox: Option<Arc<Inbox>>,
        answer: impl Future<Output = Reply<H::Body>> + Send + 'static,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        let mut answer = Box::pin(answer);
        let mut nobody = Context::from_waker(Waker::noop());
        match answer.as_mut().poll(&mut nobody) {
            Poll::Ready(Reply::Message(message)) => {
                self.message(&call, message, &FRONT, trailers(Ok(())), output, answers);
            }
            Poll::Ready(Reply::Response(response)) if is_whole(response.body()) => {
                self.last.at_once += usize::from(response.status().is_success());
                self.whole_response(&call, *response, output, answers);
            }
            Poll::Ready(Reply::Response(response)) if response.body().is_end_stream() => {
                let (head, _) = response.into_parts();
                self.last.at_once += usize::from(head.status == StatusCode::NOT_FOUND);
                self.begin(&call, head.status, &head.headers, true, answers);
            }
            Poll::Ready(Reply::Response(response)) => {
                self.spawn(call, inbox, |sender, ahead| async move {
                    respond(call, *response, &sender, &ahead).await;
                });
            }
            Poll::Pending => self.spawn(call, inbox, |sender, ahead| async move {
                match answer.await {
                    // If nobody receives, the connection is gone.
                    Reply::Message(message) => drop(sender.send(Part::Message(call, message))),
                    Reply::Response(response) if is_whole(response.body()) => {
                        drop(sender.send(Part::Whole(call, response)));
                    }
                    Reply::Response(response) => respond(call, *response, &sender, &ahead).await,
                }
            }),
        }
    }

    #[cold]
    fn spawn<T>(
        &mut self,
        call: Call,
        inbox: Option<Arc<Inbox>>,
        task: impl FnOnce(mpsc::UnboundedSender<Part<H::Body>>, Arc<Ahead>) -> T,
    ) where
        T: Future<Output = ()> + Send + 'static,
    {
        let sender = self.sender.clone();
        let ahead = Arc::clone(&self.enter(call.stream).ahead);
        let task = self.tasks.spawn(task(sender, ahead));
        let open = self.enter(call.stream);
        open.task = Some(task);
        open.inbox = inbox;
    }

    /// Sends a response whose body is here, as far as windows allow at once.
    fn whole_response(
        &mut self,
        call: &Call,
        response: Response<H::Body>,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        let (head, body) = response.into_parts();
        let mut fields = Vec::new();
        of_response(Some(head.status), &head.headers, &mut fields);
        if body.is_end_stream() {
            answers.answer_briefly(call, &fields);
            self.forget(call.stream);
            return;
        }
        let message = taken(body);
        self.message(call, message, &fields, HeaderMap::new(), output, answers);
    }

    /// Sends a message that is all there is, as far as windows allow at once: between the fields in front and
    /// those behind it, which are gRPC's OK, or none.
    fn message(
        &mut self,
        call: &Call,
        message: Bytes,
        front: &[Field<'_>],
        trailers: HeaderMap,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        let behind = if trailers.is_empty() {
            &[][..]
        } else {
            &BEHIND[..]
        };
        let most = output.of_next(answers);
        let write = |out: &mut Vec<u8>, most| {
            let fits = message.len() <= most;
            if fits {
                out.extend_from_slice(&message);
            }
            fits
        };
        // Room for the next one like it.
        output.note((message.len() <= most).then_some(message.len()));
        if answers.answer_at_once(call, front, most, write, behind) {
            self.forget(call.stream);
        } else if answers.open(call, front) {
            let open = self.enter(call.stream);
            open.ahead.bytes.fetch_add(message.len(), Ordering::Relaxed);
            open.outgoing.push_back(message);
            open.trailers = Some(trailers);
            self.waiting.push_back(call.stream);
        }
    }

    fn enter(&mut self, stream: u32) -> &mut Open {
        self.open.entry(stream).or_insert_with(|| Open {
            task: None,
            inbox: None,
            request_ended: false,
            outgoing: VecDeque::new(),
            trailers: None,
            ahead: Arc::default(),
        })
    }

    /// A call is over. What many calls needed at once is given back.
    fn forget(&mut self, stream: u32) -> Option<Open> {
        let open = self.open.remove(&stream);
        let room = self.open.capacity();
        if room > KEPT_CALLS && self.open.len() < room / 4 {
            self.open.shrink_to(KEPT_CALLS);
            self.waiting.shrink_to(KEPT_CALLS);
        }
        open
    }

    /// There is more of a body, or no more.
    pub(super) fn received(&mut self, stream: u32, ended: bool, answers: &mut Answers<'_>) {
        let Some(open) = self.open.get_mut(&stream) else {
            return;
        };
        open.request_ended |= ended;
        let Some(inbox) = &open.inbox else { return };
        let came = answers.received(stream);
        if came.is_empty() {
            if open.request_ended {
                inbox.put(None, true);
            }
            return;
        }
        if inbox.is_wanted() {
            let piece = Bytes::copy_from_slice(came);
            answers.take(stream, piece.len());
            inbox.put(Some(piece), open.request_ended);
        }
    }

    /// The client has given a call up.
    pub(super) fn reset(&mut self, stream: u32) {
        if let Some(open) = self.forget(stream) {
            if let Some(task) = open.task {
                task.abort();
            }
        }
    }

    /// Takes what tasks have handed over, and gives bodies to those that want them.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        output: &mut Output,
        answers: &mut Answers<'_>,
    ) {
        // Whoever has none has nothing to say either.
        if self.tasks.is_empty() && self.parts.is_empty() {
            self.is_watched = false;
            return;
        }
        self.is_watched = true;
        if !self.tasks.is_empty() {
            output.begin(answers);
        }
        while self.tasks.try_join_next().is_some() {}
        for stream in self.wanting.take(context.waker()) {
            self.received(stream, false, answers);
        }
        while let Poll::Ready(Some(part)) = self.parts.poll_recv(context) {
            match part {
                Part::Message(call, message) => {
                    self.message(&call, message, &FRONT, trailers(Ok(())), output, answers);
                }
                Part::Whole(call, response) => {
                    self.whole_response(&call, *response, output, answers);
                }
                Part::Begin(call, status, headers, ends) => {
                    self.begin(&call, status, &headers, ends, answers);
                }
                Part::Data(stream, data) => {
                    if let Some(open) = self.queued(stream) {
                        open.outgoing.push_back(data);
                    }
                }
                Part::End(stream, trailers) => {
                    if let Some(open) = self.queued(stream) {
                        open.trailers = Some(trailers);
                    }
                }
            }
        }
    }

    /// A call that is not over, and has its turn at sending.
    fn queued(&mut self, stream: u32) -> Option<&mut Open> {
        let open = self.open.get_mut(&stream)?;
        if open.outgoing.is_empty() {
            self.waiting.push_back(stream);
        }
        Some(open)
    }

    fn begin(
        &mut self,
        call: &Call,
        status: StatusCode,
        headers: &HeaderMap,
        ends: bool,
        answers: &mut Answers<'_>,
    ) {
        let mut fields = Vec::<Field<'_>>::new();
        of_response(Some(status), headers, &mut fields);
        if ends {
            answers.answer_briefly(call, &fields);
            self.forget(call.stream);
        } else {
            answers.open(call, &fields);
        }
    }

    /// Whether answers wait to be sent.
    #[inline]
    pub(super) fn has_unsent(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sends what waits, each answer some in its turn, as far as windows allow, until there is enough for one write.
    pub(super) fn send(&mut self, output: &mut Output, answers: &mut Answers<'_>) {
        if self.waiting.is_empty() || output.pieces.is_full() {
            return;
        }
        output.make_room(answers);
        loop {
            let before = answers.waiting();
            for _ in 0..self.waiting.len() {
                let Some(stream) = self.waiting.pop_front() else {
                    return;
                };
                if self.send_some(stream, &mut output.pieces, answers) {
                    self.waiting.push_back(stream);
                }
                if output.pieces.is_full() {
                    return;
                }
            }
            if self.waiting.is_empty() || before == answers.waiting() {
                return;
            }
        }
    }

    /// Sends some of an answer. Whether there is more of it.
    fn send_some(&mut self, stream: u32, pieces: &mut Pieces, answers: &mut Answers<'_>) -> bool {
        let Some(open) = self.open.get_mut(&stream) else {
            return false;
        };
        let mut turn = TURN_BYTES;
        while let Some(next) = open.outgoing.front_mut() {
            let most = next.len().min(turn);
            let bytes = if most >= SHORTEST {
                let bytes = answers.send_apart(stream, most);
                if bytes > 0 {
                    pieces.push(answers.waiting(), next.split_to(bytes));
                }
                bytes
            } else {
                let bytes = most
                    .min(answers.frame_bytes())
                    .min(answers.allowed_of(stream));
                let some = next.split_to(bytes);
                answers.send(stream, |out| out.extend_from_slice(&some));
                bytes
            };
            if bytes == 0 && !next.is_empty() {
                return true;
            }
            turn -= bytes;
            open.ahead.sent(bytes);
            if next.is_empty() {
                open.outgoing.pop_front();
            }
        }
        let Some(trailers) = open.trailers.take() else {
            return false;
        };
        let mut fields = Vec::new();
        of_response(None, &trailers, &mut fields);
        answers.finish(stream, &fields);
        self.forget(stream);
        false
    }
}

/// Whether all of a body is here, as one piece: it tells its size.
fn is_whole(body: &impl Body) -> bool {
    !body.is_end_stream() && body.size_hint().exact().is_some()
}

/// The one piece of a body that is here.
fn taken<B: Body<Data = Bytes>>(body: B) -> Bytes {
    let mut nobody = Context::from_waker(Waker::noop());
    match pin!(body).poll_frame(&mut nobody) {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        _ => Bytes::new(),
    }
}

async fn answer<H: Handler>(handler: Arc<H>, request: Request<RequestBody>) -> Reply<H::Body> {
    let Ok(response) = H::call(handler, request).await;
    Reply::Response(Box::new(response))
}

/// Hands an answer over, part by part, no faster than it is sent.
async fn respond<B>(
    call: Call,
    response: Response<B>,
    sender: &mpsc::UnboundedSender<Part<B>>,
    ahead: &Ahead,
) where
    B: Body<Data = Bytes>,
{
    let (head, body) = response.into_parts();
    let ends = body.is_end_stream();
    // If nobody receives, the connection is gone, and so is this task.
    let _ = sender.send(Part::Begin(call, head.status, head.headers, ends));
    if ends {
        return;
    }
    let mut body = pin!(body);
    loop {
        ahead.room().await;
        let frame = match poll_fn(|context| body.as_mut().poll_frame(context)).await {
            Some(Ok(frame)) => frame,
            _ => {
                let _ = sender.send(Part::End(call.stream, HeaderMap::new()));
                return;
            }
        };
        match frame.into_data() {
            Ok(data) => {
                ahead.bytes.fetch_add(data.len(), Ordering::Relaxed);
                let _ = sender.send(Part::Data(call.stream, data));
            }
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                let _ = sender.send(Part::End(call.stream, trailers));
                return;
            }
        }
    }
}
