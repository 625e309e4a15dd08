/** What stands on snapshots. Users and other tools read these: docs/objects.md documents them, and they are kept. */

/** Label: the set's name. */
export const setLabel = 'pvsnap.io/set';
/** Annotation: how many snapshots belong to the set. */
export const membersAnnotation = 'pvsnap.io/members';
/** Annotation: the target of the set, as typed. */
export const targetAnnotation = 'pvsnap.io/target';
/** Annotation: the claim's manifest, JSON. On snapshots and on volumes. */
export const claimAnnotation = 'pvsnap.io/claim';
