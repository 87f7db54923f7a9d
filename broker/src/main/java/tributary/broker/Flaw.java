package tributary.broker;

/// Faults that a test plants to prove that the simulation would find them. Production runs with none.
enum Flaw {
    /// A message of QoS 2 is sent before the journal has its packet identifier.
    SEND_BEFORE_NOTE,
    /// PUBREL is sent before the journal knows that the client has the message.
    RELEASE_BEFORE_NOTE,
    /// PUBCOMP is sent before the journal knows that the publish is over.
    COMPLETE_BEFORE_NOTE,
    /// A subscription is confirmed before the journal has it.
    CONFIRM_BEFORE_NOTE,
    /// After a start the publishes that were released are taken for open ones.
    FORGET_RELEASED,
    /// After a start nobody looks in the log for publishes of QoS 2.
    FORGET_TAKEN,
    /// After a start nobody looks in the log for wills that were published.
    FORGET_SPOKEN,
    /// That the time of a will has come is not noted.
    FORGET_DUE,
    /// A will that the log refused is not published again.
    SPEAK_ONCE,
    /// After a start messages are offered although they were sent.
    OFFER_AGAIN,
    /// After a start sessions hear what is new only.
    OFFER_FROM_END,
    /// Progress passes publishes of QoS 2 whose receipt has not come.
    PASS_TAKING,
    /// Positions are committed before what was noted is durable.
    COMMIT_BEFORE_DURABLE,
    /// What waits in memory is forgotten when the client leaves.
    LOSE_FRESH,
    /// What is new overtakes what waits in the log.
    OVERTAKE,
    /// A member that leaves a group gives back what it may have received at QoS 2.
    GIVE_BACK_SENT,
    /// What a group handed to a member that was not sent it yet is not noted.
    FORGET_HELD,
    /// Retained messages are not noted.
    FORGET_RETAINED,
    /// A session that was replaced by one that does not last comes back after a crash.
    REVIVE,
    /// What is under way at QoS 2 to a member of a group whose session ends with it is not noted.
    FORGET_SPENT,
    /// A PUBREL that the journal could not take is never answered.
    RELEASE_ONCE,
    /// That a session has ended is not noted again where it was among what was dropped.
    FORGET_ENDED,
    /// After changes were dropped the journal goes on without how everything stands.
    LEAVE_GAP,
    /// After changes were dropped those of a session are taken again before how it stands is noted.
    FOLLOW_GAP,
    /// What comes after a subscription was lowered to QoS 0 or taken back is sent before the journal has that.
    LOWER_BEFORE_NOTE,
    /// What the journal is to forget goes before how everything stands is noted anew.
    FORGET_UNNOTED,
    /// That the journal is to forget is itself forgotten where a note is under way.
    FORGET_ONCE
}
