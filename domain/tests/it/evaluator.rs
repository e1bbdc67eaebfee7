//! The evaluator against a naive model on random trees: requests, the matrix, who can, why, and what a change would come to.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::{Actor, BuiltInRole, Caller, Permission, Permissions},
    organizations::roles::{
        Chain,
        service::{self, Trying},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::House,
    rows_read::rows_read,
    team::{Team, account, person},
};

/// Random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("small")
    }
}

/// Who has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Member(Uuid),
    Group(Uuid),
}

/// Everything there is in an organization, as a person would write it on paper.
#[derive(Clone, Default)]
struct World {
    /// Each with the one it is in.
    groups: BTreeMap<Uuid, Option<Uuid>>,
    members: Vec<Uuid>,
    inside: BTreeSet<(Uuid, Uuid)>,
    /// By the name of a role of every organization, or the id of another.
    roles: BTreeMap<String, Permissions>,
    given: BTreeSet<(String, Subject)>,
}

impl World {
    fn is_at_or_below(&self, group: Uuid, above: Uuid) -> bool {
        let mut next = Some(group);
        while let Some(id) = next {
            if id == above {
                return true;
            }
            next = self.groups[&id];
        }
        false
    }

    fn reaches(&self, member: Uuid, subject: Subject) -> bool {
        match subject {
            Subject::Member(id) => id == member,
            Subject::Group(above) => {
                self.inside.iter().any(|(who, group)| *who == member && self.is_at_or_below(*group, above))
            }
        }
    }

    fn permissions(&self, member: Uuid) -> Permissions {
        let ways = self.given.iter().filter(|(_, subject)| self.reaches(member, *subject));
        ways.filter_map(|(role, _)| self.roles.get(role)).fold(Permissions::NONE, |all, one| all.and(*one))
    }
}

/// A random organization, in memory and in the database.
async fn random(team: &Team, dice: &mut Dice) -> World {
    let new_id = || team.house.platform.new_id();
    let mut world = World::default();
    for role in BuiltInRole::ALL {
        world.roles.insert(role.name().to_owned(), role.permissions());
    }
    let owner = team.user(&team.owner);
    world.members.push(owner);
    world.given.insert(("OWNER".to_owned(), Subject::Member(owner)));
    for n in 0..12 {
        let member = account(&team.house, &format!("m{n}-{}", team.id)).await;
        team.put(member, None).await;
        world.members.push(member);
    }
    let mut ids: Vec<Uuid> = Vec::new();
    for _ in 0..25 {
        let id = new_id();
        let parent =
            if ids.is_empty() || dice.below(5) == 0 { None } else { Some(ids[dice.below(ids.len())]) };
        world.groups.insert(id, parent);
        ids.push(id);
    }
    let mut made: Vec<String> = Vec::new();
    for _ in 0..6 {
        let id = new_id().to_string();
        let some = Permission::ALL.iter().copied().filter(|_| dice.below(6) == 0);
        world.roles.insert(id.clone(), some.chain([Permission::ReadGroups]).collect());
        made.push(id);
    }
    for _ in 0..30 {
        world.inside.insert((world.members[dice.below(13)], ids[dice.below(25)]));
    }
    let names: Vec<String> =
        ["ADMIN", "DEVELOPER", "BILLING", "VIEWER"].map(str::to_owned).into_iter().chain(made).collect();
    for _ in 0..14 {
        let role = names[dice.below(names.len())].clone();
        let subject = if dice.below(2) == 0 {
            Subject::Member(world.members[dice.below(13)])
        } else {
            Subject::Group(ids[dice.below(25)])
        };
        world.given.insert((role, subject));
    }
    write(team, &world, owner).await;
    world
}

#[expect(clippy::too_many_lines, reason = "one table after the other")]
async fn write(team: &Team, world: &World, owner: Uuid) {
    let mut tx = team.tx().await;
    let ids: Vec<Uuid> = world.groups.keys().copied().collect();
    for id in &ids {
        sqlx::query!(
            "INSERT INTO groups (id, organization_id, parent_id, name, created_at) VALUES ($1, $2, NULL, $1::uuid::text, now())",
            id,
            team.id
        )
        .execute(&mut *tx)
        .await
        .expect("a group");
    }
    for (id, parent) in &world.groups {
        sqlx::query!("UPDATE groups SET parent_id = $2 WHERE id = $1", id, *parent)
            .execute(&mut *tx)
            .await
            .expect("a parent");
    }
    for (member, group) in &world.inside {
        sqlx::query!(
            "INSERT INTO group_members (organization_id, group_id, user_id) VALUES ($1, $2, $3)",
            team.id,
            group,
            member
        )
        .execute(&mut *tx)
        .await
        .expect("inside");
    }
    for (id, permissions) in world.roles.iter().filter_map(|(id, it)| Some((Uuid::parse_str(id).ok()?, it))) {
        sqlx::query!(
            "INSERT INTO roles (id, organization_id, name, permissions, created_at) VALUES ($1, $2, $1::uuid::text, $3, now())",
            id,
            team.id,
            &permissions.names(),
        )
        .execute(&mut *tx)
        .await
        .expect("a role");
    }
    for (role, subject) in &world.given {
        let (member, group) = match subject {
            Subject::Member(id) => (Some(*id), None),
            Subject::Group(id) => (None, Some(*id)),
        };
        if role == "OWNER" && member == Some(owner) {
            continue;
        }
        let made = Uuid::parse_str(role).ok();
        sqlx::query!(
            "INSERT INTO role_assignments (organization_id, built_in, role_id, user_id, group_id, assigned_at)
             VALUES ($1, $2, $3, $4, $5, now())",
            team.id,
            made.is_none().then_some(role.as_str()),
            made,
            member,
            group,
        )
        .execute(&mut *tx)
        .await
        .expect("an assignment");
    }
    tx.commit().await.expect("commits");
}

fn caller(team: &Team, user: Uuid) -> Caller {
    team.house.caller(Actor::Person(person(&team.house, user)))
}

/// What the matrix says, read in pages of five.
async fn matrix(team: &Team) -> BTreeMap<Uuid, Vec<String>> {
    let grant = team.may(&team.owner, Permission::ReadRoles).await;
    let (mut all, mut cursor) = (BTreeMap::new(), None::<String>);
    loop {
        let page = service::matrix(&grant, Some(5), cursor.as_deref()).await.expect("a page");
        all.extend(page.items.into_iter().map(|row| (row.member.user_id, row.permissions)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

async fn who_can(team: &Team, permission: Permission) -> BTreeMap<Uuid, Vec<Chain>> {
    let grant = team.may(&team.owner, Permission::ReadRoles).await;
    let (mut all, mut cursor) = (BTreeMap::new(), None::<String>);
    loop {
        let page =
            service::who_can(&grant, permission.name(), Some(4), cursor.as_deref()).await.expect("a page");
        all.extend(page.items.into_iter().map(|row| (row.member.user_id, row.ways)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

/// Whether a chain is one: it begins at a group of the member, goes up step by step, and ends where the role was given.
fn holds(world: &World, member: Uuid, permission: Permission, chain: &Chain) -> bool {
    let ids: Vec<Uuid> = chain.groups.iter().map(|group| group.id).collect();
    let begins = ids.first().is_none_or(|first| world.inside.contains(&(member, *first)));
    let climbs = ids.windows(2).all(|pair| world.groups[&pair[0]] == Some(pair[1]));
    let subject = ids.last().map_or(Subject::Member(member), |last| Subject::Group(*last));
    let given = world.given.contains(&(chain.role.role.clone(), subject));
    begins && climbs && given && world.roles[&chain.role.role].has(permission)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_question_has_the_answer_of_the_naive_model(db: PgPool) {
    let mut dice = Dice(7);
    for n in 0..6 {
        let team = Team::of(House::new(db.clone()), &format!("world-{n}")).await;
        let world = random(&team, &mut dice).await;
        let naive: BTreeMap<Uuid, Permissions> =
            world.members.iter().map(|member| (*member, world.permissions(*member))).collect();
        for (member, permissions) in &naive {
            let asked = team.member(&caller(&team, *member)).await.expect("a member").permissions();
            assert_eq!(asked, *permissions, "of a request in world {n}");
        }
        let names: BTreeMap<Uuid, Vec<String>> = naive.iter().map(|(id, it)| (*id, it.names())).collect();
        assert_eq!(matrix(&team).await, names, "in the matrix of world {n}");
        for permission in Permission::ALL {
            let told = who_can(&team, *permission).await;
            let able: BTreeSet<Uuid> =
                naive.iter().filter(|(_, it)| it.has(*permission)).map(|(id, _)| *id).collect();
            assert_eq!(told.keys().copied().collect::<BTreeSet<_>>(), able, "{permission:?} in world {n}");
            for (member, ways) in told {
                assert!(!ways.is_empty(), "nobody may without a reason");
                let false_ones: Vec<_> =
                    ways.iter().filter(|it| !holds(&world, member, *permission, it)).collect();
                assert!(false_ones.is_empty(), "{permission:?} in world {n}: {false_ones:?}");
            }
        }
        explain_all(&team, &naive).await;
    }
}

async fn explain_all(team: &Team, naive: &BTreeMap<Uuid, Permissions>) {
    let owner = team.member(&team.owner).await.expect("a member");
    for (member, permissions) in naive {
        for permission in
            [Permission::ReadGroups, Permission::InviteMembers, Permission::TransferOrganization]
        {
            let user = member.to_string();
            let told = service::explain(&owner, Some(&user), permission.name()).await.expect("explains");
            assert_eq!(told.allowed, permissions.has(permission));
            assert_eq!(told.ways.is_empty(), !told.allowed);
            assert_eq!(told.roles.is_empty(), told.allowed);
            for helper in &told.ask {
                let theirs = naive[&helper.user_id];
                assert!(theirs.has(Permission::AssignRoles) && theirs.has(permission));
            }
            assert!(told.allowed || !told.ask.is_empty(), "the owner can always help");
        }
    }
}

/// What a dry run says, read in pages of three: of each member what they gain and lose.
async fn dry_run(team: &Team, typed: &Trying) -> BTreeMap<Uuid, (Vec<String>, Vec<String>)> {
    let grant = team.may(&team.owner, Permission::ReadRoles).await;
    let mut all = BTreeMap::new();
    let mut typed = Trying { limit: Some(3), cursor: None, ..typed.clone() };
    loop {
        let page = service::preview(&grant, &typed).await.expect("tries out");
        let (gaining, losing) = (page.gaining, page.losing);
        all.extend(page.items.into_iter().map(|row| (row.member.user_id, (row.gains, row.loses))));
        typed.cursor = page.next_cursor;
        if typed.cursor.is_none() {
            let count =
                |is: fn(&(Vec<String>, Vec<String>)) -> bool| all.values().filter(|it| is(it)).count();
            assert_eq!(i64::try_from(count(|it| !it.0.is_empty())), Ok(gaining));
            assert_eq!(i64::try_from(count(|it| !it.1.is_empty())), Ok(losing));
            return all;
        }
    }
}

fn differences(before: &World, after: &World) -> BTreeMap<Uuid, (Vec<String>, Vec<String>)> {
    let of = |member: &Uuid| (before.permissions(*member), after.permissions(*member));
    before
        .members
        .iter()
        .map(|member| (*member, of(member)))
        .filter(|(_, (had, has))| had != has)
        .map(|(member, (had, has))| (member, (has.without(had).names(), had.without(has).names())))
        .collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_dry_run_says_what_the_naive_model_says_would_be_different(db: PgPool) {
    let mut dice = Dice(11);
    let mut told = 0;
    for n in 0..4 {
        let team = Team::of(House::new(db.clone()), &format!("world-{n}")).await;
        let world = random(&team, &mut dice).await;
        let made: Vec<String> =
            world.roles.keys().filter(|id| Uuid::parse_str(id).is_ok()).cloned().collect();
        for role in &made {
            let other: Permissions = Permission::ALL.iter().copied().filter(|_| dice.below(3) == 0).collect();
            let other = other.and(Permissions::named(["spend:read"]));
            let mut after = world.clone();
            after.roles.insert(role.clone(), other);
            let typed = Trying { role: Some(role.clone()), permissions: other.names(), ..Trying::default() };
            told += differences(&world, &after).len();
            assert_eq!(dry_run(&team, &typed).await, differences(&world, &after), "changed, world {n}");

            let mut after = world.clone();
            after.roles.remove(role);
            let typed = Trying { role: Some(role.clone()), act: Some("delete".into()), ..Trying::default() };
            assert_eq!(dry_run(&team, &typed).await, differences(&world, &after), "deleted, world {n}");
        }
        for role in world.roles.keys() {
            let groups: Vec<Uuid> = world.groups.keys().copied().collect();
            let group = groups[dice.below(groups.len())];
            let mut after = world.clone();
            after.given.insert((role.clone(), Subject::Group(group)));
            let typed = Trying {
                role: Some(role.clone()),
                act: Some("assign".into()),
                group_id: Some(group.to_string()),
                ..Trying::default()
            };
            assert_eq!(dry_run(&team, &typed).await, differences(&world, &after), "given, world {n}");
        }
        for (role, subject) in &world.given {
            let mut after = world.clone();
            after.given.remove(&(role.clone(), *subject));
            let (user_id, group_id) = match subject {
                Subject::Member(id) => (Some(id.to_string()), None),
                Subject::Group(id) => (None, Some(id.to_string())),
            };
            let typed = Trying {
                role: Some(role.clone()),
                act: Some("unassign".into()),
                user_id,
                group_id,
                ..Trying::default()
            };
            assert_eq!(dry_run(&team, &typed).await, differences(&world, &after), "taken, world {n}");
        }
    }
    assert!(told > 20, "there was something to tell: {told}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_leaf_among_ten_thousand_groups_is_resolved_like_one_among_ten(db: PgPool) {
    let mut costs = Vec::new();
    for (slug, count) in [("small", 10), ("large", 10_000)] {
        let team = Team::of(House::new(db.clone()), slug).await;
        let ann = team.joins(&format!("ann-{slug}"), Some("VIEWER")).await;
        let mut tx = team.tx().await;
        // Ten below each: the last one is a leaf.
        sqlx::query!(
            "WITH made AS (SELECT n, gen_random_uuid() AS id FROM generate_series(1, $2::integer) n)
             INSERT INTO groups (id, organization_id, parent_id, name, created_at)
             SELECT g.id, $1::uuid, p.id, g.n::text, now() FROM made g LEFT JOIN made p ON p.n = g.n / 10",
            team.id,
            count,
        )
        .execute(&mut *tx)
        .await
        .expect("a tree");
        let user = team.user(&ann);
        sqlx::query!(
            "INSERT INTO group_members (organization_id, group_id, user_id)
             SELECT $1::uuid, id, $2::uuid FROM groups WHERE organization_id = $1 AND name = $3::integer::text",
            team.id,
            user,
            count,
        )
        .execute(&mut *tx)
        .await
        .expect("inside");
        sqlx::query!(
            "INSERT INTO role_assignments (organization_id, built_in, group_id, assigned_at)
             SELECT $1::uuid, 'BILLING', id, now() FROM groups WHERE organization_id = $1 AND name = '1'",
            team.id
        )
        .execute(&mut *tx)
        .await
        .expect("a role at the top");
        tx.commit().await.expect("commits");
        sqlx::raw_sql("ANALYZE").execute(&team.house.db).await.expect("counts");
        let before = rows_read(&team.house.db).await;
        assert!(team.has(&ann).await.contains(&"billing:update".to_owned()), "{slug}");
        costs.push(rows_read(&team.house.db).await - before);
    }
    // Three levels more are three groups more, whatever stands beside them.
    assert!(costs[1] < costs[0] + 30, "{costs:?}");
}
