//! The connections that there are.

use super::client::ClientHolds;
use super::ClientMemory;

impl ClientMemory {
    /// The connections that there are, in the order in which they came.
    pub fn clients(&self) -> Vec<ClientHolds> {
        let state = self.state.lock();
        let members = state.members.iter().filter_map(|(number, member)| {
            let holding = &member.holding;
            Some(ClientHolds {
                number: *number,
                client: member.client.clone()?,
                calls: holding.begun(),
                open_calls: holding.calls(),
                bytes_held: holding.used(),
                bytes_owed: holding.owed(),
                bytes_taken: holding.taken(),
                waits: member.is_waiting(),
            })
        });
        let mut clients: Vec<ClientHolds> = members.collect();
        drop(state);
        clients.sort_unstable_by_key(|client| client.number);
        clients
    }

    /// Bytes that clients can hold together, without those of messages that have a permit.
    pub fn bound(&self) -> usize {
        self.state.lock().parts.total * crate::memory::holding::QUANTUM
    }
}
