/** What a place needs of whatever reads its answers. */
export type AnswerFault =
  | { readonly kind: 'short-read' | 'bad-status' | 'bad-body' | 'other'; readonly message: string }
  /** The answer is whole and as expected. */
  | undefined;

export interface Answer {
  /** Ready for the next request. */
  reset(): void;
  /** Bytes `0..length` of the buffer, which is free for reuse afterwards. */
  push(buffer: Buffer, length: number): void;
  /** Whether all of it has come. */
  readonly whole: boolean;
  /** Whether the server said that it closes after it. */
  readonly lastOfConnection: boolean;
  /** Set when it cannot become a good one any more. */
  readonly broken: { readonly kind: 'other'; readonly message: string } | undefined;
  /** Judges what came, when the connection has closed or the answer is whole. */
  end(): AnswerFault;
  /** The name the real server gave of itself. */
  readonly realServer: string | undefined;
}
