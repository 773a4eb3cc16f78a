/** The key with its value, or nothing: an absent key and one that is undefined are not the same to a reader. */
export function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
