// SPDX-License-Identifier: Apache-2.0
// The official client of WorkOS against its rehearsal: run by workos.t with WORKOS_API_URL in the environment.
import { strict as assert } from 'node:assert';
import { control, refusalOf, require, run } from './run.mjs';

const { WorkOS } = require('@workos-inc/node');

const address = new URL(process.env.WORKOS_API_URL);
const clientId = process.env.WORKOS_CLIENT_ID;
const people = 25;
const bcrypt = '$2b$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW';
const ssha256Prefix = '{SSHA256}xNbRV9ypkgx5KmfQXH8JL5smOxb4UvR2AjY1Zq6BqPcBAgMEBQYHCA==';

function clientOf(key) {
	return new WorkOS(key, {
		apiHostname: address.hostname,
		port: Number(address.port),
		https: false,
		clientId,
	});
}

const { userManagement } = clientOf(process.env.WORKOS_API_KEY);

function email(number) {
	return `person${String(number).padStart(3, '0')}@example.com`;
}

const tests = {
	async 'a key that is wrong is refused'() {
		const error = await refusalOf(clientOf('sk_test_wrong').userManagement.listUsers());

		assert.equal(error.status, 401);
	},

	async 'creates a user with every field'() {
		const user = await userManagement.createUser({
			email: email(0),
			firstName: 'Ada',
			lastName: 'Example',
			emailVerified: true,
			externalId: 'source|0/a b',
			metadata: { plan: 'free', city: 'Köln' },
			passwordHash: bcrypt,
			passwordHashType: 'bcrypt',
		});

		assert.match(user.id, /^user_[0-9A-Z]{26}$/);
		assert.equal(user.email, email(0));
		assert.equal(user.emailVerified, true);
		assert.equal(user.firstName, 'Ada');
		assert.equal(user.externalId, 'source|0/a b');
		assert.deepEqual(user.metadata, { plan: 'free', city: 'Köln' });
		assert.equal(user.lastSignInAt, null);
		assert.match(user.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	},

	async 'a second user with that address is refused'() {
		const error = await refusalOf(userManagement.createUser({ email: email(0).toUpperCase() }));

		assert.equal(error.status, 400);
		assert.equal(error.code, 'user_creation_error');
	},

	async 'a hash of another shape is refused'() {
		const error = await refusalOf(
			userManagement.createUser({
				email: 'hash@example.com',
				passwordHash: '$2y$10$x',
				passwordHashType: 'bcrypt',
			}),
		);

		assert.equal(error.status, 400);
		assert.equal(error.rawData.code, 'invalid_password_hash');
	},

	async 'finds the user by id, by external id and by address'() {
		// The client puts the id into the path as it is.
		const byExternalId = await userManagement.getUserByExternalId(
			encodeURIComponent('source|0/a b'),
		);
		const byId = await userManagement.getUser(byExternalId.id);
		const listed = await userManagement.listUsers({ email: email(0).toUpperCase() });

		assert.deepEqual(byId, byExternalId);
		assert.deepEqual(listed.data, [byId]);
	},

	async 'an id of nobody is not found'() {
		const error = await refusalOf(userManagement.getUser('user_01HXYZ123456789ABCDEFGHIJK'));

		assert.equal(error.status, 404);
	},

	async 'creates some more, and pages through all'() {
		for (let i = 1; i < people; i++) {
			await userManagement.createUser({ email: email(i), externalId: `source${i}` });
		}
		const first = await userManagement.listUsers({ limit: 10, order: 'asc' });
		const second = await userManagement.listUsers({
			limit: 10,
			order: 'asc',
			after: first.listMetadata.after,
		});
		const back = await userManagement.listUsers({
			limit: 10,
			order: 'asc',
			before: second.listMetadata.before,
		});
		const all = await (await userManagement.listUsers({ order: 'asc' })).autoPagination();

		assert.equal(first.data.length, 10);
		assert.deepEqual(back.data, first.data);
		assert.deepEqual(
			all.map((user) => user.email),
			Array.from({ length: people }, (_, i) => email(i)),
		);
	},

	async 'updates a user, metadata key by key'() {
		const { id } = await userManagement.getUserByExternalId('source1');
		const user = await userManagement.updateUser({
			userId: id,
			firstName: 'Grace',
			emailVerified: true,
			metadata: { a: '1', b: '2' },
		});
		const again = await userManagement.updateUser({
			userId: id,
			locale: 'de-DE',
			metadata: { b: null, c: '3' },
			passwordHash: ssha256Prefix,
			passwordHashType: 'ssha256',
		});

		assert.equal(user.firstName, 'Grace');
		assert.deepEqual(user.metadata, { a: '1', b: '2' });
		assert.deepEqual(again.metadata, { a: '1', c: '3' });
		assert.equal(again.firstName, 'Grace');
		assert.equal(again.locale, 'de-DE');
	},

	async 'signs in with the old password, and with no other'() {
		const session = await userManagement.authenticateWithPassword({
			clientId,
			email: email(0),
			password: 'Passw0rd!',
		});
		const error = await refusalOf(
			userManagement.authenticateWithPassword({ clientId, email: email(0), password: 'Passw0rd?' }),
		);
		const user = await userManagement.getUser(session.user.id);

		assert.equal(session.user.email, email(0));
		assert.ok(session.accessToken.length > 0);
		assert.ok(session.refreshToken.length > 0);
		assert.equal(error.status, 400);
		assert.notEqual(user.lastSignInAt, null);
	},

	async 'waits as told when it came too often'() {
		await control(address, 'faults', { kind: 'status', status: 429, retry_after: 1 });
		const error = await refusalOf(userManagement.getUserByExternalId('source2'));

		assert.equal(error.status, 429);
		assert.equal(error.retryAfter, 1);
	},

	async 'deletes everybody'() {
		const all = await (await userManagement.listUsers()).autoPagination();

		for (const user of all) {
			await userManagement.deleteUser(user.id);
		}
		assert.equal((await userManagement.listUsers()).data.length, 0);
		assert.equal((await refusalOf(userManagement.getUser(all[0].id))).status, 404);
	},

	async 'no mail would have been sent'() {
		const counters = await control(address, 'counters');

		assert.equal(counters.mails, 0);
		assert.equal(counters.sign_ins, 1);
		assert.equal(counters.environments.test.users, 0);
	},
};

await run(tests);
