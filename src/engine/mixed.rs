//! [`Mixed`]: a population of two kinds of peers that speak the same language.

use crate::engine::context::Context;
use crate::engine::protocol::{Conn, Link, Protocol};
use crate::peer::PeerId;

/// An honest peer or an attacker. Both have the same messages, timers, commands and events.
#[derive(Debug)]
pub enum Mixed<H, A> {
    /// Follows the protocol.
    Honest(H),
    /// Does not.
    Attacker(A),
}

impl<H, A> Mixed<H, A> {
    /// The honest peer, if it is one.
    pub fn honest(&self) -> Option<&H> {
        match self {
            Self::Honest(honest) => Some(honest),
            Self::Attacker(_) => None,
        }
    }

    /// The attacker, if it is one.
    pub fn attacker(&self) -> Option<&A> {
        match self {
            Self::Honest(_) => None,
            Self::Attacker(attacker) => Some(attacker),
        }
    }
}

macro_rules! forward {
    ($self:ident, $cx:ident, $peer:ident => $call:expr) => {
        match $self {
            Self::Honest($peer) => {
                let $cx = &mut $cx.role();
                $call
            }
            Self::Attacker($peer) => {
                let $cx = &mut $cx.role();
                $call
            }
        }
    };
}

impl<H, A> Protocol for Mixed<H, A>
where
    H: Protocol,
    A: Protocol<Message = H::Message, Timer = H::Timer, Command = H::Command, Event = H::Event>,
{
    type Message = H::Message;
    type Timer = H::Timer;
    type Command = H::Command;
    type Event = H::Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_start(cx));
    }
    fn on_message(&mut self, from: PeerId, message: Self::Message, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_message(from, message, cx));
    }
    fn on_data(
        &mut self,
        conn: Conn,
        from: PeerId,
        message: Self::Message,
        cx: &mut Context<'_, Self>,
    ) {
        forward!(self, cx, peer => peer.on_data(conn, from, message, cx));
    }
    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_timer(timer, cx));
    }
    fn on_command(&mut self, command: Self::Command, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_command(command, cx));
    }
    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_connection(conn, what, cx));
    }
    fn on_leave(&mut self, cx: &mut Context<'_, Self>) {
        forward!(self, cx, peer => peer.on_leave(cx));
    }
    fn touch(&self, me: PeerId) -> u32 {
        match self {
            Self::Honest(peer) => peer.touch(me),
            Self::Attacker(peer) => peer.touch(me),
        }
    }
}
