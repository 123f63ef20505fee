//! The single gets of a turn, decoded and looked for side by side before the first of them is answered: so their
//! waits for memory overlap.
//!
//! No answer is decided here. Each get is then admitted, counted and answered by itself, by
//! [`ReadPath::admit_ready`], with what it was decoded to, and with its record, if that was found. What is not decoded, or
//! not found, is left to it, and so is every refusal.
// #[HotPath]

use smallvec::SmallVec;
use venice_engine::{Answer, StoreNumber, Tier, GETS_AHEAD};
use venice_wire::key_string::{self, KeyRoom};
use venice_wire::request::Request;
use venice_wire::store_name::check_names;

use crate::observe::facts::Facts;
use crate::read_path::ready::Ready;
use crate::read_path::stack::{catch_panics, Admission, ReadPath};
use crate::read_path::step::{AdmissionStep, ReadStep, Stop};
use crate::response::builder::EncodedResponse;
use crate::response::place::Place;

/// Longer keys are not decoded ahead; nor is memory taken for them.
const LONGEST_KEY_STRING: usize = 160;

/// The calls of a turn, by their numbers: those that are single gets, and what was found of them. It is here as long
/// as the calls are answered, one after the other, and nothing is awaited.
#[derive(Default)]
pub(crate) struct Ahead<'m> {
    gets: SmallVec<[Get<'m>; GETS_AHEAD]>,
    found: venice_engine::Ahead,
}

/// A call that may be a single get.
pub(crate) enum Single<'m> {
    /// By its `VeniceClientRequest`.
    Message(&'m [u8]),
    /// Over HTTP, whose names were checked.
    Request(Request<'m>),
}

/// A call of a turn.
#[derive(Default)]
struct Get<'m> {
    /// If it is a single get.
    request: Request<'m>,
    is_get: bool,
    /// Its place among what was looked for, and the store version in which it was.
    place: Option<(usize, StoreNumber)>,
}

impl<'m> Get<'m> {
    /// Decodes it where it is, which saves moving it. What is none, or will be refused, is left alone.
    #[inline]
    fn decode(&mut self, message: &'m [u8]) {
        let request = &mut self.request;
        // As `stack::decode`, which says what is wrong.
        self.is_get = request.merge(message).is_ok()
            && check_names(request.resource_name, request.method).is_ok()
            && !request.is_batch
            && request.key_string.len() <= LONGEST_KEY_STRING;
    }

    /// Takes one that was decoded. A batch is none.
    fn take(&mut self, request: Request<'m>) {
        self.is_get = !request.is_batch && request.key_string.len() <= LONGEST_KEY_STRING;
        self.request = request;
    }

    fn store(&self) -> &'m [u8] {
        self.request.resource_name.as_bytes()
    }
}

impl Ahead<'_> {
    /// The call of this number, if it is a single get that was decoded.
    #[inline]
    pub(crate) fn of(&self, number: usize) -> Option<Ready<'_>> {
        let get = self.gets.get(number).filter(|get| get.is_get)?;
        let place = get.place.map(|(place, _)| place);
        Some(Ready {
            request: &get.request,
            key: place.and_then(|place| self.found.key(place)),
            looked_for: place.map(|place| self.found.found(place)),
            store: get.place.map(|(_, store)| store),
        })
    }

    /// The store version of the get of this number.
    fn store(&self, number: usize) -> &[u8] {
        self.gets[number].store()
    }
}

impl ReadPath {
    /// Decodes the single gets among some calls, at most [`GETS_AHEAD`], and looks for what they
    /// will read, store version by store version. A get that has no other beside it has nothing to wait for together
    /// with: it is only decoded.
    pub(crate) fn fetch_ahead<'m>(
        &self,
        calls: impl Iterator<Item = Option<Single<'m>>>,
        ahead: &mut Ahead<'m>,
    ) {
        // What fails here fails again where it is answered.
        let fetched = catch_panics(|| {
            let mut numbers = SmallVec::<[usize; GETS_AHEAD]>::new();
            for (number, single) in calls.take(GETS_AHEAD).enumerate() {
                ahead.gets.push(Get::default());
                match single {
                    Some(Single::Message(message)) => ahead.gets[number].decode(message),
                    Some(Single::Request(request)) => ahead.gets[number].take(request),
                    None => {}
                }
                if ahead.gets[number].is_get {
                    numbers.push(number);
                }
            }
            let stores = |two: &[usize]| ahead.store(two[0]) != ahead.store(two[1]);
            // Most turns ask for one store version.
            if !numbers.windows(2).any(stores) {
                self.fetch_of_version(&numbers, ahead);
                return Ok(());
            }
            numbers.sort_unstable_by(|&one, &other| ahead.store(one).cmp(ahead.store(other)));
            let mut rest = &numbers[..];
            while let [first, ..] = *rest {
                let is_other = |&number: &usize| ahead.store(number) != ahead.store(first);
                let same = rest.iter().position(is_other).unwrap_or(rest.len());
                let (gets, others) = rest.split_at(same);
                self.fetch_of_version(gets, ahead);
                rest = others;
            }
            Ok(())
        });
        if fetched.is_err() {
            *ahead = Ahead::default();
        }
    }

    /// [`ReadPath::admit`] of a single get that was decoded, and looked for, before.
    pub(crate) fn admit_ready<'a>(
        &self,
        ready: &Ready<'_>,
        admission: &Admission<'a>,
        place: &mut Place<'_>,
    ) -> AdmissionStep<'a, ReadStep<EncodedResponse>> {
        let admitted =
            catch_panics(|| self.check_and_read(ready.request, Some(ready), admission, place));
        admitted.unwrap_or_else(|failure| AdmissionStep::Decided(Err(failure)))
    }

    /// Steps 6 and 7 of a single get, if its record was found and is a whole value, or it is proven that there is none: store version, state and database
    /// were looked up in this very turn, and need not be again.
    pub(super) fn answer_found(
        &self,
        ready: &Ready<'_>,
        place: &mut Place<'_>,
    ) -> Option<Result<EncodedResponse, Stop>> {
        let found = ready.looked_for.flatten()?;
        let answer = found.answer()?;
        let mut facts = Facts {
            store: ready.store,
            keys: 1,
            key_bytes: ready.key.map_or(0, <[u8]>::len) as u32,
            ..Facts::default()
        };
        let compression_strategy = found.compression_strategy();
        let reply = match answer {
            Answer::Value(value) => {
                facts.value_bytes = value.len() as u32;
                self.single_value(&value, compression_strategy, place)
            }
            Answer::Missing => {
                facts.missing = 1;
                self.no_value(compression_strategy)
            }
        };
        Some(reply.map(|reply| reply.with_facts(facts)))
    }

    fn fetch_of_version(&self, numbers: &[usize], ahead: &mut Ahead<'_>) {
        let Ahead { gets, found } = ahead;
        let [first, _, ..] = *numbers else { return };
        let resource = gets[first].request.resource_name;
        let Ok(version) = self.registry.version_now(resource) else {
            return;
        };
        let Ok(reader) = version.reader(Tier::Memory) else {
            return;
        };
        let mut looking = reader.look_ahead(found);
        let mut room = KeyRoom::default();
        for &number in numbers {
            let get = &mut gets[number];
            // One that cannot be decoded is refused where it is answered.
            if let Ok(key) = key_string::decode_in(get.request.key_string, &mut room) {
                let place = looking.add(get.request.partition, key);
                get.place = place.map(|place| (place, reader.store_number()));
            }
        }
        looking.look();
    }
}
