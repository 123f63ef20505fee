use super::*;
use crate::runtime::clock::ManualClock;

const HOW: RefillPolicy = RefillPolicy {
    interval_millis: 1000,
    capacity_multiple: 1,
};

fn quota() -> (Quota, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (Quota::new(HOW, 2, clock.clone()), clock)
}

fn charge(quota: &Quota, resource: &str, keys: u64) -> Decision {
    quota.charge(resource.as_bytes(), keys, false, || true)
}

#[test]
fn nothing_is_enforced_that_was_not_set() {
    let (quota, _) = quota();
    assert_eq!(
        quota.charge(b"s_v1", u64::MAX, false, || panic!("asked without need")),
        Decision::Allowed
    );
}

#[test]
fn the_store_version_comes_before_the_node() {
    let (quota, clock) = quota();
    quota.set_store_version("s_v1", 10, 1.0).unwrap();
    quota.set_node(15).unwrap();
    assert_eq!(charge(&quota, "s_v1", 11), Decision::Rejected);
    assert_eq!(charge(&quota, "s_v1", 10), Decision::Allowed);
    assert_eq!(charge(&quota, "s_v1", 1), Decision::Rejected);
    clock.advance(1001);
    // The node was not looked at since the first: it has 5 left and is refilled to 15.
    assert_eq!(charge(&quota, "t_v1", 15), Decision::AllowedUnintentionally);
    assert_eq!(charge(&quota, "s_v1", 6), Decision::OverCapacity);
    // What the store version gave for it is gone.
    assert_eq!(charge(&quota, "s_v1", 5), Decision::Rejected);
}

#[test]
fn a_store_whose_quota_is_not_enforced_uses_nothing_of_the_node() {
    let (quota, _) = quota();
    quota.set_node(1).unwrap();
    quota.disable("s_v1").unwrap();
    assert_eq!(charge(&quota, "s_v1", 1000), Decision::Allowed);
    assert_eq!(charge(&quota, "t_v1", 1), Decision::AllowedUnintentionally);
    assert_eq!(charge(&quota, "t_v1", 1), Decision::OverCapacity);
}

#[test]
fn the_same_quota_keeps_the_tokens_and_another_one_is_full() {
    let (quota, _) = quota();
    quota.set_store_version("s_v1", 10, 0.5).unwrap();
    assert_eq!(charge(&quota, "s_v1", 5), Decision::Allowed);
    quota.set_store_version("s_v1", 10, 0.5).unwrap();
    // 20 * 0.25 is 5 as well.
    quota.set_store_version("s_v1", 20, 0.25).unwrap();
    assert_eq!(charge(&quota, "s_v1", 1), Decision::Rejected);
    quota.set_store_version("s_v1", 12, 0.5).unwrap();
    assert_eq!(charge(&quota, "s_v1", 6), Decision::Allowed);
    assert_eq!(charge(&quota, "s_v1", 1), Decision::Rejected);
    quota.set_node(3).unwrap();
    assert_eq!(charge(&quota, "t_v1", 3), Decision::AllowedUnintentionally);
    quota.set_node(3).unwrap();
    assert_eq!(charge(&quota, "t_v1", 1), Decision::OverCapacity);
    quota.set_node(4).unwrap();
    assert_eq!(charge(&quota, "t_v1", 4), Decision::AllowedUnintentionally);
}

#[test]
fn removed_quotas_leave_the_node() {
    let (quota, _) = quota();
    quota.set_node(5).unwrap();
    quota.set_store_version("s_v1", 1, 1.0).unwrap();
    quota.set_store_version("s_v1", 1, 0.0).unwrap();
    assert_eq!(charge(&quota, "s_v1", 2), Decision::AllowedUnintentionally);
    quota.set_store_version("s_v1", 1, 1.0).unwrap();
    quota.remove_store_version("s_v1");
    quota.remove_store_version("s_v1");
    assert_eq!(charge(&quota, "s_v1", 3), Decision::AllowedUnintentionally);
    quota.remove_node();
    assert_eq!(charge(&quota, "s_v1", 1000), Decision::Allowed);
}

#[test]
fn a_store_that_nobody_knows_is_refused_once_the_node_has_a_quota() {
    let (quota, _) = quota();
    let unknown =
        |quota: &Quota, resource: &str| quota.charge(resource.as_bytes(), 1, false, || false);
    assert_eq!(unknown(&quota, "s_v1"), Decision::Allowed);
    quota.set_node(100).unwrap();
    assert_eq!(unknown(&quota, "s_v1"), Decision::UnknownStore);
    assert_eq!(unknown(&quota, "no version"), Decision::UnknownStore);
    // Known by another version, until the last one goes.
    quota.set_store_version("s_v2", 10, 1.0).unwrap();
    quota.disable("s_v3").unwrap();
    quota.remove_store_version("s_v2");
    assert_eq!(unknown(&quota, "s_v1"), Decision::AllowedUnintentionally);
    quota.remove_store_version("s_v3");
    assert_eq!(unknown(&quota, "s_v1"), Decision::UnknownStore);
}

#[test]
fn buckets_that_are_refilled_in_another_way_are_new_and_full() {
    let (quota, clock) = quota();
    quota.set_store_version("s_v1", 10, 0.5).unwrap();
    quota.disable("u_v1").unwrap();
    quota.set_node(100).unwrap();
    assert_eq!(charge(&quota, "s_v1", 5), Decision::Allowed);
    assert_eq!(charge(&quota, "t_v1", 95), Decision::AllowedUnintentionally);
    // The same way is no change.
    quota.set_refill(HOW);
    assert_eq!(charge(&quota, "s_v1", 1), Decision::Rejected);
    assert_eq!(charge(&quota, "t_v1", 1), Decision::OverCapacity);

    quota.set_refill(RefillPolicy {
        interval_millis: 2000,
        capacity_multiple: 3,
    });
    // 10 RCU/s, for 2 s, half of it, three times.
    assert_eq!(charge(&quota, "s_v1", 31), Decision::Rejected);
    assert_eq!(charge(&quota, "s_v1", 30), Decision::Allowed);
    assert_eq!(
        charge(&quota, "t_v1", 570),
        Decision::AllowedUnintentionally
    );
    assert_eq!(charge(&quota, "t_v1", 1), Decision::OverCapacity);
    assert_eq!(charge(&quota, "u_v1", 1000), Decision::Allowed);
    clock.advance(1001);
    assert_eq!(charge(&quota, "s_v1", 1), Decision::Rejected);
    clock.advance(1000);
    assert_eq!(charge(&quota, "s_v1", 10), Decision::Allowed);
    // Quotas that are set from now on are refilled so too, and outcomes went on.
    quota.set_store_version("w_v1", 1, 1.0).unwrap();
    assert_eq!(charge(&quota, "w_v1", 6), Decision::Allowed);
    let facts = quota.facts();
    let of_s = facts
        .store_versions
        .iter()
        .find(|one| one.name == "s_v1")
        .unwrap();
    assert_eq!(of_s.outcomes.iter().map(|one| one.requests).sum::<u64>(), 6);
}

#[test]
fn outcomes_are_counted_as_long_as_the_quota_is_there() {
    let (quota, clock) = quota();
    let reported = |quota: &Quota| {
        let mut metrics = Vec::new();
        quota.report(&mut metrics);
        let counted = metrics.into_iter().filter(|metric| metric.value > 0);
        counted.map(|metric| metric.to_string()).collect::<Vec<_>>()
    };
    charge(&quota, "s_v1", 7);
    assert_eq!(
        reported(&quota),
        Vec::<String>::new(),
        "nothing is enforced"
    );

    quota.set_store_version("s_v2", 5, 1.0).unwrap();
    quota.set_store_version("s_v1", 10, 1.0).unwrap();
    quota.set_node(15).unwrap();
    charge(&quota, "s_v1", 11);
    charge(&quota, "s_v1", 10);
    charge(&quota, "s_v2", 2);
    charge(&quota, "t_v1", 3);
    clock.advance(1001);
    charge(&quota, "t_v1", 14);
    charge(&quota, "s_v1", 2);
    charge(&quota, "t_v1", 2);
    quota.charge(b"u_v1", 4, false, || false);
    let of_s_v1 = [
        "read.quota.request.count{outcome=allowed,store_version=s_v1} 1",
        "read.quota.key.count{outcome=allowed,store_version=s_v1} 10",
        "read.quota.request.count{outcome=rejected,store_version=s_v1} 1",
        "read.quota.key.count{outcome=rejected,store_version=s_v1} 11",
        "read.quota.request.count{outcome=over_capacity,store_version=s_v1} 1",
        "read.quota.key.count{outcome=over_capacity,store_version=s_v1} 2",
    ];
    let of_s_v2 = [
        "read.quota.request.count{outcome=allowed,store_version=s_v2} 1",
        "read.quota.key.count{outcome=allowed,store_version=s_v2} 2",
    ];
    let of_others = [
        "read.quota.request.count{outcome=allowed_unintentionally} 2",
        "read.quota.key.count{outcome=allowed_unintentionally} 17",
        "read.quota.request.count{outcome=over_capacity} 1",
        "read.quota.key.count{outcome=over_capacity} 2",
        "read.quota.request.count{outcome=unknown_store} 1",
        "read.quota.key.count{outcome=unknown_store} 4",
    ];
    assert_eq!(
        reported(&quota),
        [&of_s_v1[..], &of_s_v2, &of_others].concat()
    );

    // Another bucket, and the same numbers; then none, and none.
    quota.set_store_version("s_v1", 20, 1.0).unwrap();
    quota.disable("s_v2").unwrap();
    assert_eq!(reported(&quota), [&of_s_v1[..], &of_others].concat());
    quota.remove_store_version("s_v1");
    quota.set_store_version("s_v1", 20, 1.0).unwrap();
    assert_eq!(reported(&quota), of_others);
}

#[test]
fn refusals_name_the_value_and_the_remedy() {
    let (quota, _) = quota();
    quota.set_store_version("s_v1", 7, 1.0).unwrap();
    let text = |result: Result<(), QuotaError>| result.unwrap_err().to_string();
    assert_eq!(
        text(quota.set_store_version("s_v1", 0, 1.0)),
        "quota of store version s_v1 is 0 RCU per second; give at least 1, or remove it to \
         leave reads to the node's capacity"
    );
    assert_eq!(
        text(quota.set_node(-5)),
        "quota of the node is -5 RCU per second; give 1 or more"
    );
    assert_eq!(
        text(quota.set_store_version("s_v1", 1, 1.5)),
        "this node's share of s_v1 is 1.5; give the part of the ready replicas that it holds, \
         from 0 to 1"
    );
    assert!(quota.set_store_version("s_v1", 1, f64::NAN).is_err());
    assert!(quota.set_store_version("s_v1", 1, -0.1).is_err());
    assert_eq!(
        text(quota.disable("s")),
        "\"s\" is no store version; give <store>_v<number>"
    );
    assert_eq!(charge(&quota, "s_v1", 8), Decision::Rejected);
    assert_eq!(charge(&quota, "s_v1", 7), Decision::Allowed, "as it was");
}
