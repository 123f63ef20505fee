use std::sync::Arc;

use parking_lot::Mutex;

use super::*;

/// Work by a name. Those that are dropped undone are noted.
struct Named {
    name: String,
    place: Arc<Mutex<Option<Ticket>>>,
}

impl Work for Named {
    type Place = Arc<Mutex<Option<Ticket>>>;

    fn full() -> Failure {
        Failure::Stopping
    }

    fn comes(&mut self, _: usize) {}

    fn place(&self) -> Self::Place {
        Arc::clone(&self.place)
    }

    fn stands(place: &mut Self::Place, ticket: Ticket) {
        *place.lock() = Some(ticket);
    }

    fn leaves(place: &mut Self::Place) -> Option<Ticket> {
        place.lock().take()
    }

    fn begins(&self) {
        *self.place.lock() = None;
    }
}

const TURN: Duration = Duration::from_millis(2);

fn push(turns: &mut Turns<Named>, lane: u64, name: impl Into<String>) -> Result<(), Failure> {
    let work = Named {
        name: name.into(),
        place: Arc::default(),
    };
    let mut place = work.place();
    turns.push(lane, work, &mut place)
}

/// One turn, after which work that `goes_on` says is not done. Returns whose it was, and what gave way.
fn turn(
    turns: &mut Turns<Named>,
    goes_on: impl Fn(&str) -> bool,
) -> Option<(String, Option<String>)> {
    let Turn { work, of } = turns.next()?;
    assert!(work.place.lock().is_none(), "it stands nowhere now");
    let name = work.name.clone();
    let gave_way = turns.over(Over {
        of,
        took: TURN,
        goes_on: goes_on(&name).then_some(work),
    });
    Some((name, gave_way.map(|work| work.name)))
}

fn is_long(name: &str) -> bool {
    name.starts_with("long")
}

#[test]
fn a_short_request_is_done_while_long_ones_of_its_own_connection_are_not() {
    let mut turns = Turns::new(256, 8);
    for number in 0..20 {
        push(&mut turns, 1, format!("long {number}")).unwrap();
    }
    for _ in 0..200 {
        assert!(turn(&mut turns, is_long).is_some());
    }
    push(&mut turns, 1, "short").unwrap();
    let until = (1..).find(|_| turn(&mut turns, is_long).unwrap().0 == "short");
    // First turns have time to make up for.
    assert_eq!(until, Some(1));
}

#[test]
fn however_many_have_begun_there_is_room_for_what_is_new() {
    const ROOM: usize = 32;
    let mut turns = Turns::new(ROOM, 4);
    for round in 0..100 {
        for lane in 0..ROOM as u64 {
            push(&mut turns, lane, format!("long {round}")).unwrap();
        }
        // All of them have had their first turns by then.
        while turns.fresh.len() > 0 {
            turn(&mut turns, is_long).unwrap();
        }
        assert_eq!(turns.fresh.len(), 0);
        assert_eq!(turns.begun.len(), 4);
        assert_eq!(turns.resting.len(), (ROOM * (round + 1) - 4).min(ROOM));
    }
}

#[test]
fn those_that_have_begun_take_turns_among_few_and_end() {
    const NEEDED: usize = 20;
    let mut turns = Turns::new(1000, 8);
    for lane in 0..200 {
        for number in 0..3 {
            push(&mut turns, lane, format!("{lane}.{number}")).unwrap();
        }
    }
    let had = Mutex::new(HashMap::<String, usize>::new());
    let goes_on = |name: &str| {
        let mut had = had.lock();
        let had = had.entry(name.to_owned()).or_insert(0);
        *had += 1;
        *had < NEEDED
    };
    // As many as let sixteen of them end, beside a first turn for each and no more.
    for _ in 0..600 + 16 * NEEDED {
        turn(&mut turns, goes_on).unwrap();
    }
    let ended = had.lock().values().filter(|had| **had == NEEDED).count();
    assert!(ended >= 16, "{ended}");
}

#[test]
fn what_is_new_and_what_has_begun_have_half_of_the_time_each() {
    let mut turns = Turns::new(1000, 8);
    push(&mut turns, 0, "long").unwrap();
    turn(&mut turns, is_long).unwrap();
    let mut long = 0;
    for number in 0..400 {
        push(&mut turns, number, "short").unwrap();
        long += usize::from(turn(&mut turns, is_long).unwrap().0 == "long");
    }
    assert!((190..=210).contains(&long), "{long}");
}

#[test]
fn who_has_no_place_gets_one_of_who_has_several() {
    let mut turns = Turns::new(256, 4);
    for number in 0..40 {
        push(&mut turns, 1, format!("long {number}")).unwrap();
    }
    for _ in 0..60 {
        turn(&mut turns, is_long).unwrap();
    }
    assert_eq!(turns.places_of(1), 4);
    push(&mut turns, 2, "long, of another").unwrap();
    for _ in 0..8 {
        turn(&mut turns, is_long).unwrap();
    }
    assert_eq!((turns.places_of(1), turns.places_of(2)), (3, 1));
    push(&mut turns, 2, "long, of another, too").unwrap();
    for _ in 0..12 {
        turn(&mut turns, is_long).unwrap();
    }
    assert_eq!((turns.places_of(1), turns.places_of(2)), (2, 2));
}

#[test]
fn a_place_is_left_to_who_waits_after_many_turns() {
    let mut turns = Turns::new(256, 1);
    for lane in 0..3 {
        push(&mut turns, lane, format!("long {lane}")).unwrap();
    }
    let mut had = HashMap::<String, u32>::new();
    for _ in 0..3 * TURNS_IN_A_ROW + 3 {
        *had.entry(turn(&mut turns, is_long).unwrap().0).or_insert(0) += 1;
    }
    let each = [TURNS_IN_A_ROW + 1; 3];
    assert_eq!(had.into_values().collect::<Vec<_>>(), each);
    // Nobody waits: it keeps its place.
    let mut turns = Turns::new(256, 1);
    push(&mut turns, 1, "long").unwrap();
    for _ in 0..10 * TURNS_IN_A_ROW {
        turn(&mut turns, is_long).unwrap();
    }
    assert_eq!(turns.places_of(1), 1);
}

#[test]
fn when_too_many_rest_who_has_most_of_them_gives_way() {
    let mut turns = Turns::new(4, 1);
    let mut gone = Vec::new();
    for number in 0..6 {
        push(&mut turns, 1, format!("long {number}")).unwrap();
        while turns.fresh.len() > 0 {
            gone.extend(turn(&mut turns, is_long).unwrap().1);
        }
    }
    // One has the place, and four rest.
    assert_eq!(gone, ["long 5"]);
    push(&mut turns, 2, "long, of another").unwrap();
    while turns.fresh.len() > 0 {
        gone.extend(turn(&mut turns, is_long).unwrap().1);
    }
    assert_eq!(gone.len(), 2);
    assert!(gone[1].starts_with("long ") && gone[1] != "long, of another");
}

#[test]
fn what_is_taken_out_leaves_its_place_to_who_waits() {
    let mut turns = Turns::new(16, 1);
    let places: Vec<_> = (0..3)
        .map(|lane| {
            let work = Named {
                name: format!("long {lane}"),
                place: Arc::default(),
            };
            let mut place = work.place();
            turns.push(lane, work, &mut place).unwrap();
            place
        })
        .collect();
    let take = |turns: &mut Turns<Named>, at: usize| {
        let ticket = Named::leaves(&mut Arc::clone(&places[at]))?;
        turns.remove(ticket).map(|work| work.name)
    };
    while turns.fresh.len() > 1 {
        turn(&mut turns, is_long).unwrap();
    }
    // 2 is new, 0 has the place, and 1 rests.
    assert_eq!(take(&mut turns, 2).as_deref(), Some("long 2"));
    assert_eq!(take(&mut turns, 2), None);
    assert_eq!(take(&mut turns, 0).as_deref(), Some("long 0"));
    assert_eq!(turns.places_of(1), 1);
    assert_eq!(take(&mut turns, 1).as_deref(), Some("long 1"));
    assert_eq!((turns.len(), turns.free), (0, 1));
    assert!(turns.next().is_none());
}
