//! Groups: the tree under many hands, and what nobody may give by it.

use std::collections::{HashMap, HashSet};

use domain::{
    AppError, FieldIssue,
    access::Permission,
    organizations::{
        groups::{FoundGroup, Group, MOST_GROUPS, service},
        roles,
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::team::{Team, problem};

/// Every group by its name, read in pages of seven.
async fn tree(team: &Team) -> Vec<Group> {
    let grant = team.may(&team.owner, Permission::ReadGroups).await;
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = service::groups(&grant, Some(7), cursor.as_deref()).await.expect("a page");
        assert!(page.items.len() <= 7);
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            all.sort_by_cached_key(|group: &Group| group.name.to_lowercase());
            return all;
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ten_thousand_groups_come_a_page_at_a_time_each_once(db: PgPool) {
    let team = Team::new(db.clone()).await;
    let top = team.group("Company", None).await;
    let fill = format!(
        "BEGIN; SELECT set_config('app.organization_id', '{id}', true);
         INSERT INTO groups (id, organization_id, parent_id, name, created_at)
         SELECT gen_random_uuid(), '{id}', '{top}', 'g' || n, now() FROM generate_series(2, {MOST_GROUPS}) n; COMMIT;",
        id = team.id
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&db).await.expect("fills");
    let grant = team.may(&team.owner, Permission::ReadGroups).await;
    let first = service::groups(&grant, None, None).await.expect("a page");
    assert_eq!(first.items.len(), 25, "no more than that when nobody says");
    assert!(service::groups(&grant, Some(101), None).await.is_err(), "no page is larger than a hundred");
    assert!(service::groups(&grant, None, Some("nonsense")).await.is_err());
    let (mut met, mut cursor, mut pages) = (HashSet::new(), None::<String>, 0);
    loop {
        let page = service::groups(&grant, Some(100), cursor.as_deref()).await.expect("a page");
        met.extend(page.items.iter().map(|group| group.id));
        (cursor, pages) = (page.next_cursor, pages + 1);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((met.len(), pages), (10_000, 100));
}

async fn move_to(
    team: &Team,
    by: &domain::access::Caller,
    group: Uuid,
    to: Option<Uuid>,
) -> Result<(), AppError> {
    let grant = team.may(by, Permission::UpdateGroups).await;
    let to = to.map(|id| id.to_string());
    service::move_to(&grant, &group.to_string(), to.as_deref()).await
}

/// The groups from which the top is not reached.
fn rings(groups: &[Group]) -> Vec<Uuid> {
    let parents: HashMap<Uuid, Option<Uuid>> = groups.iter().map(|it| (it.id, it.parent_id)).collect();
    let reaches_the_top = |mut id: Uuid| {
        for _ in 0..=groups.len() {
            match parents.get(&id).copied().flatten() {
                Some(parent) => id = parent,
                None => return true,
            }
        }
        false
    };
    groups.iter().map(|it| it.id).filter(|id| !reaches_the_top(*id)).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn sixteen_who_move_forty_groups_at_once_make_no_ring_and_lose_nothing(db: PgPool) {
    let team = Team::new(db).await;
    let mut groups = Vec::new();
    for n in 0..40 {
        groups.push(team.group(&format!("g{n}"), None).await);
    }
    let mover = |seed: usize| {
        let (team, groups) = (&team, &groups);
        async move {
            let mut state = seed as u64 + 1;
            let mut next = move |below: usize| {
                // A xorshift: the same numbers in every run.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                usize::try_from(state % below as u64).expect("small")
            };
            let (mut moved, mut refused) = (0, 0);
            for _ in 0..20 {
                let (from, to) = (groups[next(40)], groups[next(40)]);
                match move_to(team, &team.owner, from, Some(to)).await {
                    Ok(()) => moved += 1,
                    Err(AppError::Conflict { errors }) => {
                        assert_eq!(errors[0].issue, FieldIssue::InsideItself);
                        refused += 1;
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
            (moved, refused)
        }
    };
    let done = futures::future::join_all((0..16).map(mover)).await;
    let (moved, refused) = done.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(moved > 40 && refused > 0, "{moved} moved, {refused} refused");
    let after = tree(&team).await;
    assert_eq!(rings(&after), Vec::<Uuid>::new());
    let before: HashSet<Uuid> = groups.into_iter().collect();
    assert_eq!(after.iter().map(|it| it.id).collect::<HashSet<_>>(), before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_group_is_never_put_into_itself_or_below(db: PgPool) {
    let team = Team::new(db).await;
    let top = team.group("top", None).await;
    let middle = team.group("middle", Some(top)).await;
    let leaf = team.group("leaf", Some(middle)).await;
    for to in [top, middle, leaf] {
        let refused = move_to(&team, &team.owner, top, Some(to)).await;
        assert_eq!(problem(refused), ("parent_id".into(), FieldIssue::InsideItself));
    }
    move_to(&team, &team.owner, leaf, Some(top)).await.expect("moves");
    move_to(&team, &team.owner, middle, Some(leaf)).await.expect("moves");
    move_to(&team, &team.owner, leaf, None).await.expect("moves to the top");
    let parents: HashMap<Uuid, Option<Uuid>> =
        tree(&team).await.iter().map(|it| (it.id, it.parent_id)).collect();
    assert_eq!(parents, HashMap::from([(top, None), (leaf, None), (middle, Some(leaf))]));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_groups_of_one_name_are_not_beside_each_other(db: PgPool) {
    let team = Team::new(db).await;
    let (a, b) = (team.group("Alpha", None).await, team.group("beta", None).await);
    team.group("Caf\u{e9}", None).await;
    let inner = team.group("alpha", Some(a)).await;
    let taken = |field: &str| (field.to_owned(), FieldIssue::Taken);
    let create = team.may(&team.owner, Permission::CreateGroups).await;
    assert_eq!(problem(service::create(&create, " ALPHA ", None).await), taken("name"));
    let composed_otherwise = service::create(&create, "Cafe\u{301}", None).await;
    assert_eq!(problem(composed_otherwise), taken("name"));
    let update = team.may(&team.owner, Permission::UpdateGroups).await;
    assert_eq!(problem(service::rename(&update, &b.to_string(), "alpha").await), taken("name"));
    assert_eq!(problem(move_to(&team, &team.owner, inner, None).await), taken("parent_id"));
    service::rename(&update, &a.to_string(), "ALPHA").await.expect("its own name in other letters");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_group_with_groups_below_goes_only_when_they_are_lifted(db: PgPool) {
    let team = Team::new(db).await;
    let top = team.group("top", None).await;
    let middle = team.group("same", Some(top)).await;
    let leaf = team.group("same", Some(middle)).await;
    let ann = team.joins("ann", None).await;
    team.add(leaf, &ann).await;
    let grant = team.may(&team.owner, Permission::DeleteGroups).await;
    let refused = service::delete(&grant, &middle.to_string(), None).await;
    assert_eq!(problem(refused), ("below".into(), FieldIssue::HasGroups));
    let refused = service::delete(&grant, &middle.to_string(), Some("burn")).await;
    assert_eq!(problem(refused), ("below".into(), FieldIssue::NotAnOption));
    service::delete(&grant, &middle.to_string(), Some("move"))
        .await
        .expect("lifts, and the name is free by then");
    let after = tree(&team).await;
    let lifted = after.iter().find(|it| it.id == leaf).expect("still there");
    assert_eq!((after.len(), lifted.parent_id, lifted.members), (2, Some(top), 1));
    let gone = service::delete(&grant, &middle.to_string(), None).await;
    assert_eq!(gone.err(), Some(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_gives_or_takes_by_a_group_what_they_have_not(db: PgPool) {
    let team = Team::new(db).await;
    let (strong, weak) = (team.group("strong", None).await, team.group("weak", None).await);
    let inner = team.group("inner", Some(weak)).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    roles::service::assign(&assign, "ADMIN", None, Some(&strong.to_string())).await.expect("gives");
    // Somebody who may arrange groups, and little else.
    let create = team.may(&team.owner, Permission::CreateRoles).await;
    let keeper = roles::service::NewRole {
        name: "Keeper".into(),
        description: None,
        permissions: ["groups:read", "groups:update", "groups:delete"].map(str::to_owned).to_vec(),
    };
    let keeper = roles::service::create(&create, &keeper).await.expect("makes").id.to_string();
    let ann = team.joins("ann", Some("VIEWER")).await;
    let (ann_id, strong_id) = (team.user(&ann).to_string(), strong.to_string());
    roles::service::assign(&assign, &keeper, Some(&ann_id), None).await.expect("gives");
    let above = |field: &str| (field.to_owned(), FieldIssue::AboveYourself);

    let update = team.may(&ann, Permission::UpdateGroups).await;
    assert_eq!(problem(service::add(&update, &strong_id, &ann_id).await), above("group_id"));
    assert_eq!(problem(move_to(&team, &ann, inner, Some(strong)).await), above("parent_id"));
    let delete = team.may(&ann, Permission::DeleteGroups).await;
    assert_eq!(problem(service::delete(&delete, &strong_id, None).await), above("group_id"));
    service::add(&update, &weak.to_string(), &ann_id).await.expect("what gives nothing can be given");
    assert!(!team.has(&ann).await.contains(&"roles:assign".to_owned()));

    move_to(&team, &team.owner, inner, Some(strong)).await.expect("the owner may");
    assert_eq!(problem(move_to(&team, &ann, inner, Some(weak)).await), above("parent_id"));
    let bob = team.joins("bob", None).await;
    team.add(inner, &bob).await;
    assert!(team.has(&bob).await.contains(&"roles:assign".to_owned()), "inherited");
    let bob_id = team.user(&bob).to_string();
    assert_eq!(problem(service::remove(&update, &inner.to_string(), &bob_id).await), above("group_id"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn members_of_a_group_are_members_of_the_organization_and_come_in_pages(db: PgPool) {
    let team = Team::new(db).await;
    let group = team.group("all", None).await.to_string();
    let update = team.may(&team.owner, Permission::UpdateGroups).await;
    let stranger = team.stranger("eve").await;
    for who in [
        team.user(&stranger).to_string(),
        "eve@example.com".into(),
        "nobody".into(),
        "a\0@example.com".into(),
    ] {
        let refused = service::add(&update, &group, &who).await;
        assert_eq!(problem(refused), ("user_id".into(), FieldIssue::NotAMember), "{who}");
    }
    for name in ["ann", "bob", "cyd"] {
        team.joins(name, None).await;
        service::add(&update, &group, &format!("{}@Example.com", name.to_uppercase()))
            .await
            .expect("by address");
        service::add(&update, &group, &format!("{name}@example.com")).await.expect("again is nothing");
    }
    let read = team.may(&team.owner, Permission::ReadGroups).await;
    let first = service::members(&read, &group, Some(2), None).await.expect("a page");
    let second =
        service::members(&read, &group, Some(2), first.next_cursor.as_deref()).await.expect("a page");
    assert_eq!(first.items.len(), 2);
    let mut names: Vec<_> =
        first.items.iter().chain(&second.items).map(|it| it.display_name.as_str()).collect();
    names.sort_unstable();
    assert_eq!((names, second.next_cursor), (vec!["ann", "bob", "cyd"], None));
    service::remove(&update, &group, "bob@example.com").await.expect("removes");
    service::remove(&update, &group, "bob@example.com").await.expect("again is nothing");
    assert_eq!(tree(&team).await[0].members, 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_cannot_be_read_is_named_and_other_organizations_are_not_there(db: PgPool) {
    let team = Team::new(db.clone()).await;
    let other = Team::of(crate::house::House::new(db), "other").await;
    let theirs = other.group("theirs", None).await;
    let ours = team.group("ours", None).await;
    let update = team.may(&team.owner, Permission::UpdateGroups).await;
    let create = team.may(&team.owner, Permission::CreateGroups).await;
    let read = team.may(&team.owner, Permission::ReadGroups).await;
    let long = "x".repeat(101);
    for (name, issue) in [
        ("", FieldIssue::Required),
        (long.as_str(), FieldIssue::TooLong { max: 100 }),
        ("a\nb", FieldIssue::ControlCharacter),
        ("a\u{202e}b", FieldIssue::ControlCharacter),
        ("\u{200b}", FieldIssue::ControlCharacter),
    ] {
        assert_eq!(problem(service::create(&create, name, None).await), ("name".into(), issue));
    }
    assert_eq!(service::rename(&update, "7", "x").await.err(), Some(AppError::MalformedRequest));
    let not_found = Some(AppError::NotFound);
    assert_eq!(service::create(&create, "x", Some(&theirs.to_string())).await.err(), not_found);
    assert_eq!(service::rename(&update, &theirs.to_string(), "x").await.err(), not_found);
    assert_eq!(move_to(&team, &team.owner, theirs, None).await.err(), not_found);
    assert_eq!(move_to(&team, &team.owner, ours, Some(theirs)).await.err(), not_found);
    assert_eq!(service::members(&read, &theirs.to_string(), None, None).await.err(), not_found);
    let refused = service::members(&read, &ours.to_string(), Some(0), None).await;
    assert_eq!(problem(refused), ("limit".into(), FieldIssue::OutOfRange { min: 1, max: 100 }));
    let refused = service::members(&read, &ours.to_string(), None, Some("x")).await;
    assert_eq!(problem(refused), ("cursor".into(), FieldIssue::Unreadable));
    assert_eq!(team.member(&other.owner).await.err(), not_found, "strangers");
    // A grant for one thing is none for another.
    assert_eq!(service::create(&read, "x", None).await.err(), Some(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_lost_the_permission_meanwhile_moves_nothing(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", Some("ADMIN")).await;
    let group = team.group("g", None).await;
    let before = team.may(&ann, Permission::UpdateGroups).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    roles::service::unassign(&assign, "ADMIN", Some("ann@example.com"), None).await.expect("takes");
    let refused = service::rename(&before, &group.to_string(), "x").await;
    assert_eq!(refused.err(), Some(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_page_of_groups_is_one_place_of_the_tree_or_what_was_looked_for(db: PgPool) {
    let team = Team::new(db.clone()).await;
    let other = Team::of(crate::house::House::new(db), "other").await;
    let theirs = other.group("theirs 100%", None).await;
    let top = team.group("Company", None).await;
    let inner = team.group("Sales 100%", Some(top)).await;
    team.group("Sales 1000", Some(top)).await;
    team.group("Deep", Some(inner)).await;
    let ann = team.joins("ann", None).await;
    team.add(inner, &ann).await;
    let read = team.may(&team.owner, Permission::ReadGroups).await;
    let (in_top, nowhere) = (top.to_string(), Vec::<String>::new());
    let look = async |q: &str, inside: &str| {
        let (q, inside) = (Some(q.to_owned()), Some(inside.to_owned()));
        let typed = service::Looking { q, inside, ..service::Looking::default() };
        let page = service::look_for(&read, &typed).await.expect("a page");
        let mut paths: Vec<String> = page.items.iter().map(FoundGroup::path).collect();
        paths.sort_unstable();
        paths
    };
    assert_eq!(look("", "top").await, ["Company"]);
    assert_eq!(look(" ", &in_top).await, ["Company › Sales 100%", "Company › Sales 1000"]);
    assert_eq!(look("100%", "").await, ["Company › Sales 100%"], "what was typed is no pattern");
    assert_eq!(look("DEEP", "").await, ["Company › Sales 100% › Deep"]);
    assert_eq!((look("deep", &in_top).await, look("deep", "top").await), (nowhere.clone(), nowhere));
    assert_eq!(look("", "").await.len(), 4, "anywhere, of this organization alone");

    let one = service::group(&read, &inner.to_string()).await.expect("is there");
    let above: Vec<Uuid> = one.above.iter().map(|it| it.id).collect();
    assert_eq!((one.members, one.groups, one.parent_id, above), (1, 1, Some(top), vec![top]));
    assert_eq!(service::group(&read, &theirs.to_string()).await.err(), Some(AppError::NotFound));
    let typed = service::Looking { inside: Some(theirs.to_string()), ..service::Looking::default() };
    assert_eq!(service::look_for(&read, &typed).await.err(), Some(AppError::NotFound));
    let typed = service::Looking { q: Some("a\0".into()), ..service::Looking::default() };
    let refused = service::look_for(&read, &typed).await;
    assert_eq!(problem(refused), ("q".into(), FieldIssue::ControlCharacter));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn groups_come_in_pages_and_only_the_nearest_above_are_named(db: PgPool) {
    let team = Team::new(db).await;
    let mut last = None;
    for n in 0..12 {
        last = Some(team.group(&format!("level {n}"), last).await);
    }
    let read = team.may(&team.owner, Permission::ReadGroups).await;
    let deepest = service::group(&read, &last.expect("made").to_string()).await.expect("is there");
    let names: Vec<&str> = deepest.above.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((names.len(), names[0], names[7]), (8, "level 3", "level 10"));
    let (mut told, mut cursor) = (HashSet::new(), None);
    loop {
        let typed = service::Looking {
            q: Some("level".into()),
            limit: Some(5),
            cursor,
            ..service::Looking::default()
        };
        let page = service::look_for(&read, &typed).await.expect("a page");
        assert!(page.items.len() <= 5);
        told.extend(page.items.iter().map(|it| it.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(told.len(), 12);
}
