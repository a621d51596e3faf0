/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build clears every local variable (-ftrivial-auto-var-init=zero).  For a large one that is made for each record
 * that costs more than to read the record: such a one is marked, and its members are set one by one.
 */
#ifndef BASE_UNCLEARED_H
#define BASE_UNCLEARED_H

#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define RH_UNCLEARED __attribute__((uninitialized))
#endif
#endif
#if !defined(RH_UNCLEARED)
#define RH_UNCLEARED
#endif

#endif
