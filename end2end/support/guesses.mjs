//! Somebody whose password others have guessed at.

import { expect } from '@playwright/test';
import { post } from './api.mjs';
import { Person } from './people.mjs';

/** Somebody with an account whose password was guessed at from here. */
export async function guessedAt() {
  const person = await new Person().join();
  for (let guess = 0; guess < 3; guess += 1) {
    const tried = post('identity/sign-in', { email: person.email, password: 'not the password at all' });
    await expect(tried).rejects.toThrow('wrong-credentials');
  }
  return person;
}
