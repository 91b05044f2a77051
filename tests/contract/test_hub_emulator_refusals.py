"""What the hub emulator refuses, and in which shape the SDK reports it."""

import pytest
from azure.core.credentials import AzureSasCredential
from azure.eventhub import EventData, EventHubProducerClient
from azure.eventhub.exceptions import (
    AuthenticationError,
    ConnectError,
    ConnectionLostError,
    EventDataSendError,
    EventHubError,
)

from tests.contract.hub_client import sas_token
from tests.contract.hub_fixture import IGNORING_CUT_SOCKETS, side_by_side

pytestmark = IGNORING_CUT_SOCKETS

LIMIT = 1024 * 1024


def properties_with(hubs, hub, token):
    text = (
        f"Endpoint=sb://127.0.0.1:{hubs.port};SharedAccessSignature={token};"
        f"EntityPath={hub};UseDevelopmentEmulator=true"
    )
    producer = EventHubProducerClient.from_connection_string(text, retry_total=0)
    with producer:
        return producer.get_eventhub_properties()


@side_by_side
def test_a_signature_of_ones_own_is_accepted(hubs, hub):
    audience = f"sb://127.0.0.1:{hubs.port}/{hub}"
    assert properties_with(hubs, hub, sas_token(audience))["eventhub_name"] == hub


@side_by_side
def test_a_signature_for_the_whole_namespace_is_accepted(hubs, hub):
    audience = f"sb://127.0.0.1:{hubs.port}/"
    assert properties_with(hubs, hub, sas_token(audience))["eventhub_name"] == hub


@side_by_side
def test_a_signature_with_another_key_is_refused(hubs, hub):
    token = sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}", key="another")
    with pytest.raises(AuthenticationError, match="401"):
        properties_with(hubs, hub, token)


@side_by_side
def test_a_signature_of_an_unknown_policy_is_refused(hubs, hub):
    token = sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}", key_name="nobody")
    with pytest.raises(AuthenticationError, match="nobody"):
        properties_with(hubs, hub, token)


@side_by_side
def test_an_expired_signature_is_refused(hubs, hub):
    token = sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}", lives_seconds=-1)
    with pytest.raises(EventHubError):
        properties_with(hubs, hub, token)


@side_by_side
def test_a_signature_for_another_hub_is_refused(hubs, hub):
    token = sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}-other")
    with pytest.raises(AuthenticationError, match="is for"):
        properties_with(hubs, hub, token)


@side_by_side
def test_a_forged_expiry_is_refused(hubs, hub):
    token = sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}")
    expiry = token.split("se=")[1].split("&")[0]
    with pytest.raises(AuthenticationError, match="signature"):
        properties_with(hubs, hub, token.replace(expiry, str(int(expiry) + 1000)))


@side_by_side
def test_a_token_of_another_kind_is_refused(hubs, hub):
    with pytest.raises(AuthenticationError, match="401"):
        properties_with(hubs, hub, "SharedAccessSignature sr=nothing")


@side_by_side
def test_a_wrong_key_is_refused_on_send_too(hubs, hub):
    text = hubs.connection_string(hub, key="wrong")
    producer = EventHubProducerClient.from_connection_string(text, retry_total=0)
    with producer, pytest.raises(AuthenticationError):
        producer.send_batch([EventData(b"x")])
    assert hubs.partition(hub)["count"] == 0


@side_by_side
def test_a_sas_credential_object_is_accepted(hubs, hub):
    credential = AzureSasCredential(sas_token(f"sb://127.0.0.1:{hubs.port}/{hub}"))
    producer = EventHubProducerClient(
        f"127.0.0.1:{hubs.port}", hub, credential, use_tls=False, retry_total=0
    )
    with producer:
        producer.send_batch([EventData(b"x")])
    assert hubs.partition(hub)["count"] == 1


@side_by_side
def test_a_link_to_a_hub_that_does_not_exist_is_not_found(hubs):
    producer = hubs.producer("no-such-hub")
    with producer, pytest.raises(ConnectionLostError, match="could not be found"):
        producer.create_batch()


@side_by_side
def test_properties_of_a_hub_that_does_not_exist_are_not_found(hubs):
    with hubs.producer("no-such-hub") as producer, pytest.raises(ConnectError, match="404"):
        producer.get_eventhub_properties()


@side_by_side
def test_receiving_as_a_consumer_group_that_does_not_exist_is_not_found(hubs, hub):
    error = hubs.refusal(hub, group="nobody")
    assert isinstance(error, ConnectionLostError)
    assert "ConsumerGroups/nobody" in str(error)


@side_by_side
def test_properties_of_a_partition_that_does_not_exist_are_refused(hubs, hub):
    with hubs.producer(hub) as producer, pytest.raises(EventHubError, match="400"):
        producer.get_partition_properties("1")


@side_by_side
def test_a_single_event_above_the_limit_is_rejected_and_not_stored(hubs, hub):
    with pytest.raises(EventDataSendError, match="exceeds the limit"):
        hubs.send(hub, b"x" * (LIMIT + 1))
    assert hubs.partition(hub)["count"] == 0


@side_by_side
def test_an_event_above_the_limit_does_not_fit_into_a_batch(hubs, hub):
    with hubs.producer(hub) as producer:
        batch = producer.create_batch(partition_id="0")
        with pytest.raises(ValueError, match="size limit"):
            batch.add(EventData(b"x" * LIMIT))
    assert batch.max_size_in_bytes == LIMIT


@side_by_side
def test_an_offset_behind_the_end_is_invalid(hubs, hub):
    hubs.put(hub, b"x")
    error = hubs.refusal(hub, starting_position="99999")
    assert isinstance(error, ConnectError)
    assert "supplied offset '99999' is invalid" in str(error)


@side_by_side
def test_a_sequence_number_behind_the_end_is_invalid(hubs, hub):
    hubs.put(hub, b"x")
    error = hubs.refusal(hub, starting_position=1)
    assert isinstance(error, ConnectError)
    assert "supplied sequence number '1' is invalid" in str(error)
