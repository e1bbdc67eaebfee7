//! The rooms against a real database, each test in one of its own.

mod platform_db;
mod platform_hasher;
mod platform_letters;
mod platform_redis;
mod admin;
mod audit;
mod house;
mod identity;
mod second_factor;
mod sessions;
